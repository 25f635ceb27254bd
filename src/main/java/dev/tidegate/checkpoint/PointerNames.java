package dev.tidegate.checkpoint;

import java.util.Optional;

/** A pointer rule that is applied to names. */
public final class PointerNames {

    private final NamePattern pointer;
    private final NamePattern directory;
    private final String keep;

    public PointerNames(PointerRule rule) {
        this.pointer = NamePattern.parse(rule.pointer());
        this.directory = NamePattern.parse(rule.directory());
        this.keep = rule.keep();
    }

    /**
     * What the name of a checkpoint's directory says.
     *
     * @param group the name of the group that it belongs to; may be empty
     * @param number its place in the group
     * @param kept whether it is kept even if only the latest are wanted
     */
    public record Checkpoint(String group, long number, boolean kept) {}

    /** The name of the group whose pointer is called {@code name}; empty if no pointer is. */
    public Optional<String> group(String name) {
        return pointer.match(name).map(NamePattern.Match::name);
    }

    /** What the pointer of a group is called. */
    String pointer(String group) {
        return pointer.withName(group);
    }

    /** What the pointer, or a checkpoint, of a group is called if the group is called {@code group}. */
    String renamed(String member, String group) {
        if (pointer.match(member).isPresent()) {
            return pointer.renamed(member, group);
        }
        boolean suffixed =
                !keep.isEmpty() && checkpoint(member).filter(Checkpoint::kept).isPresent();
        String end = suffixed ? keep : "";
        return directory.renamed(member.substring(0, member.length() - end.length()), group) + end;
    }

    /** Reads the name of a directory; empty if no checkpoint is called so. */
    public Optional<Checkpoint> checkpoint(String name) {
        if (!keep.isEmpty() && name.endsWith(keep)) {
            Optional<Checkpoint> kept = directory
                    .match(name.substring(0, name.length() - keep.length()))
                    .map(match -> new Checkpoint(match.name(), match.number(), true));
            if (kept.isPresent()) {
                return kept;
            }
        }
        return directory.match(name).map(match -> new Checkpoint(match.name(), match.number(), false));
    }

    /** Tells whether the text of a pointer that is a file, or the last component of a link, names this checkpoint. */
    public boolean names(String text, String directoryName, Checkpoint checkpoint) {
        return text.equals(directoryName)
                || (!checkpoint.kept() && isNumber(text) && Long.parseLong(text) == checkpoint.number());
    }

    /** Tells whether the text of a pointer could name a checkpoint at all. */
    public boolean mayName(String text) {
        return isNumber(text) || checkpoint(text).isPresent();
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.length() <= 18 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
