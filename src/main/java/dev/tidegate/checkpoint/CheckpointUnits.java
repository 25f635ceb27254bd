package dev.tidegate.checkpoint;

import dev.tidegate.manifest.Units;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What of checkpoints belongs together when trees are merged: pointers with the directories that they name, and shards. */
public final class CheckpointUnits implements Units {

    /** As agents know them by default. */
    public static final CheckpointUnits DEFAULT = new CheckpointUnits(PointerRule.DEFAULTS, ShardRule.DEFAULTS);

    private final List<PointerNames> pointers;
    private final List<NamePattern> shards;

    /** The first rule that fits a name counts. */
    public CheckpointUnits(List<PointerRule> pointers, List<ShardRule> shards) {
        this.pointers = pointers.stream().map(PointerNames::new).toList();
        this.shards =
                shards.stream().map(rule -> NamePattern.parse(rule.shard())).toList();
    }

    /** The group of a name by one of the rules. Rules are compared by identity, as each is read once. */
    private record Named(PointerNames rule, String name) implements Group {

        @Override
        public String pointer() {
            return rule.pointer(name);
        }

        @Override
        public @Nullable String renamed(String member, String suffix) {
            if (name.isEmpty()) {
                return null;
            }
            return rule.renamed(member, name + suffix);
        }
    }

    @Override
    public @Nullable Group group(String name) {
        for (PointerNames rule : pointers) {
            String group = rule.group(name)
                    .or(() -> rule.checkpoint(name).map(PointerNames.Checkpoint::group))
                    .orElse(null);
            if (group != null) {
                return new Named(rule, group);
            }
        }
        return null;
    }

    @Override
    public boolean isPart(String name) {
        return shards.stream().anyMatch(shard -> shard.match(name).isPresent());
    }

    @Override
    public Set<String> partPrefixes() {
        return shards.stream().map(NamePattern::prefix).collect(Collectors.toUnmodifiableSet());
    }
}
