package dev.tidegate.agent;

import dev.tidegate.client.Cut;
import dev.tidegate.content.Digest;
import dev.tidegate.manifest.TreePath;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.regex.Pattern;

/**
 * What the pointers of a push say to the other writers of its cut: the path of each and the number of the checkpoint that it
 * commits. Pointers whose paths differ only in the writer's rank, as in {@code name_rank_3.latest_checkpoint}, are the same
 * one.
 */
final class Generations {

    private Generations() {}

    /**
     * Names them.
     *
     * @param committed the number of each pointer's checkpoint, negative where it is not known
     * @param rank of the writer
     */
    static Map<String, Long> of(SortedMap<TreePath, Long> committed, int rank) {
        Pattern own = Pattern.compile("((?i:rank)[_-]?)0*" + rank + "(?![0-9])");
        Map<String, Long> generations = new LinkedHashMap<>();
        committed.forEach((pointer, number) -> {
            if (generations.size() < Cut.MAX_GENERATIONS) {
                String name = own.matcher(pointer.toString()).replaceAll("$1#");
                // Of two pointers that are the same to others, the one that is behind counts.
                generations.merge(name(name), number < 0 ? Cut.UNKNOWN : number, Math::min);
            }
        });
        return generations;
    }

    /** The gateway takes names of printable characters only, of a bounded length. */
    private static String name(String path) {
        return path.length() <= Cut.MAX_GENERATION_NAME && path.chars().noneMatch(Character::isISOControl)
                ? path
                : Digest.of(ByteBuffer.wrap(path.getBytes(StandardCharsets.UTF_8)))
                        .toString();
    }
}
