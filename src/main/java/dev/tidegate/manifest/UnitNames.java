package dev.tidegate.manifest;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a unit is called that is kept beside another one of its name. A group whose names hold a name of its own gets another:
 * {@code model.latest_checkpoint} and {@code model_checkpoint_7} become {@code model~art_1.latest_checkpoint} and {@code
 * model~art_1_checkpoint_7}, and the pointer, a link, leads there. Where that cannot be, since no name shows in the pointer or
 * since the pointer is a text that is not to be rewritten, the group is put into a directory as it is: {@code
 * latest~art_1/latest}. A directory of shards gets another name.
 */
sealed interface UnitNames {

    /**
     * Returns the names.
     *
     * @param path of the pointer, or of the directory
     * @param group null for a directory of shards
     * @param entry what the pointer, or the directory, is; null for a group without a pointer
     */
    static UnitNames of(TreePath path, Units.@Nullable Group group, @Nullable Entry entry) {
        if (group == null) {
            return new Directory(path);
        }
        boolean renamed = group.renamed(group.pointer(), "") != null && !(entry instanceof Entry.RegularFile);
        return renamed ? new Renamed(path, group) : new Elsewhere(path);
    }

    /** Where one of the unit's members is put. */
    TreePath place(TreePath member, String suffix);

    /** Where the unit is to be found: the pointer, or the directory. */
    TreePath whole(String suffix);

    /** The directory into which the members are put, if that is made for them. */
    default Optional<TreePath> directory(String suffix) {
        return Optional.empty();
    }

    /** All paths that have to be free. */
    default List<TreePath> all(Set<TreePath> members, String suffix) {
        return directory(suffix)
                .map(List::of)
                .orElseGet(() ->
                        members.stream().map(member -> place(member, suffix)).toList());
    }

    /**
     * Returns a pointer that leads from its new place to where its target, if that is a member or below, has been put.
     * One that is rooted in the artifact is as it is: those are seen to wherever they are.
     */
    default Entry pointing(TreePath pointer, Entry entry, Set<TreePath> members, String suffix) {
        if (!(entry instanceof Entry.SymbolicLink link) || link.artifactRooted()) {
            return entry;
        }
        TreePath target = LinkTarget.resolve(pointer, link);
        for (TreePath member : members) {
            if (target != null && target.startsWith(member)) {
                TreePath place = target.moved(member, place(member, suffix));
                // The pointer and what it leads to stay beside each other.
                TreePath beside = Objects.requireNonNull(place(pointer, suffix)).parent();
                return new Entry.SymbolicLink(place.moved(beside, null).toString(), false);
            }
        }
        return entry;
    }

    /** A directory of shards. */
    record Directory(TreePath path) implements UnitNames {
        @Override
        public TreePath place(TreePath member, String suffix) {
            return whole(suffix);
        }

        @Override
        public TreePath whole(String suffix) {
            return Renames.renamed(path, suffix, true);
        }
    }

    /** A group that gets another name. */
    record Renamed(TreePath pointer, Units.Group group) implements UnitNames {
        @Override
        public TreePath place(TreePath member, String suffix) {
            return Renames.sibling(member.parent(), Objects.requireNonNull(group.renamed(member.name(), suffix)));
        }

        @Override
        public TreePath whole(String suffix) {
            return place(pointer, suffix);
        }
    }

    /** A group that is put into a directory of its own. */
    record Elsewhere(TreePath pointer) implements UnitNames {
        @Override
        public TreePath place(TreePath member, String suffix) {
            return whole(suffix).resolve(member.name());
        }

        @Override
        public TreePath whole(String suffix) {
            return Renames.renamed(pointer, suffix, true);
        }

        @Override
        public Optional<TreePath> directory(String suffix) {
            return Optional.of(whole(suffix));
        }
    }
}
