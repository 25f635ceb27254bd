package dev.tidegate.gateway.merge;

import dev.tidegate.manifest.InputCollision.Choice;
import dev.tidegate.manifest.InputMerge;
import dev.tidegate.manifest.PathPattern;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.manifest.Units;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What is done where inputs of a resume collide.
 *
 * @param choice for all paths that no pattern fits
 * @param paths for some paths; the first that fits counts
 * @param units what belongs together in artifacts of the type checkpoints
 */
public record ResumeRules(Choice choice, List<ForPaths> paths, Units units) {

    /**
     * A choice for some paths.
     *
     * @param pattern which, in the new artifact
     * @param choice what is done there
     */
    public record ForPaths(PathPattern pattern, Choice choice) {}

    /** Copies the list. */
    public ResumeRules {
        paths = List.copyOf(paths);
    }

    /** Chooses by the rules, and knows which of the patterns have fitted. Not thread-safe. */
    final class Chooser implements InputMerge.Chooser {

        private final BitSet used = new BitSet();

        @Override
        public Choice choose(TreePath path) {
            for (int i = 0; i < paths.size(); i++) {
                if (paths.get(i).pattern().fits(path)) {
                    used.set(i);
                    return paths.get(i).choice();
                }
            }
            return choice;
        }

        List<PathPattern> unused() {
            return IntStream.range(0, paths.size())
                    .filter(i -> !used.get(i))
                    .mapToObj(i -> paths.get(i).pattern())
                    .toList();
        }
    }
}
