package dev.tidegate.gateway.merge;

import dev.tidegate.catalog.PushCost;
import dev.tidegate.catalog.PushId;
import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import dev.tidegate.gateway.nodes.IngestedNodes;
import dev.tidegate.gateway.nodes.NodeStore;
import dev.tidegate.manifest.Change;
import dev.tidegate.manifest.Diff;
import dev.tidegate.manifest.ManifestException;
import dev.tidegate.manifest.Merge;
import dev.tidegate.manifest.Merge.Conflict;
import dev.tidegate.manifest.Merge.Side;
import dev.tidegate.manifest.NodeSink;
import dev.tidegate.manifest.NodeSource;
import dev.tidegate.manifest.TreeRoot;
import dev.tidegate.store.OrganisationId;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Compares and merges the trees of snapshots. Calls block. */
@ApplicationScoped
public class Trees {

    /** One read of nodes takes at most this part of what a merge may hold. */
    private static final int READS = 8;

    private final MergeConfig config;
    private final NodeStore nodes;

    Trees(MergeConfig config, NodeStore nodes) {
        this.config = config;
        this.nodes = nodes;
    }

    /** What is done with conflicts. */
    public enum Policy {
        /** There is no result. */
        REJECT,
        /** Ours is taken. */
        OURS,
        /** Theirs is taken. */
        THEIRS
    }

    /** Is told of conflicts, in the order of the paths. */
    @FunctionalInterface
    public interface Conflicts {
        /** Takes one; what it throws ends the merge. */
        void found(Conflict conflict);
    }

    /**
     * What a merge has come to.
     *
     * @param conflicts how many there were
     * @param tree the result, which is stored and leased to the push; empty without a push, or if conflicts were rejected
     * @param cost what the result added to the store
     */
    public record Merged(long conflicts, Optional<TreeRoot> tree, PushCost cost) {}

    /** Returns the changes that lead from one tree to another; each is looked for when it is asked for. */
    public Iterator<Change> diff(OrganisationId organisation, Digest before, Digest after) {
        return new Diff(source(organisation), config.memory()).between(before, after);
    }

    /**
     * Merges what two trees have made of a third.
     *
     * @param base what both have grown out of; null for nothing
     * @param push an open push to store the result for; null to store nothing
     * @throws MergeException.LimitBroken if the result would break a limit of manifests
     */
    public Merged merge(
            OrganisationId organisation,
            @Nullable Digest base,
            Digest ours,
            Digest theirs,
            Policy policy,
            @Nullable PushId push,
            Conflicts conflicts) {
        IngestedNodes stored = push == null ? null : nodes.sink(organisation, push);
        Walk walk = new Walk(policy, stored, conflicts);
        TreeRoot tree =
                limited(() -> new Merge(source(organisation), walk, config.memory()).merge(base, ours, theirs, walk));
        if (push == null || stored == null || walk.isRejected()) {
            return new Merged(walk.count, Optional.empty(), PushCost.NONE);
        }
        stored.flush();
        nodes.lease(organisation, push, tree.digest());
        return new Merged(walk.count, Optional.of(tree), stored.cost());
    }

    private NodeSource source(OrganisationId organisation) {
        return source(nodes, config, organisation);
    }

    /** The nodes of an organisation's trees, so many at a time as a merge has memory for. */
    static NodeSource source(NodeStore nodes, MergeConfig config, OrganisationId organisation) {
        return nodes.source(organisation, config.memory() / READS);
    }

    /** Work on trees that are stored, whose only mistakes can be those of what is made of them. */
    static <T> T limited(Supplier<T> work) {
        try {
            return work.get();
        } catch (ManifestException.LimitExceeded
                | ManifestException.InvalidPath
                | ManifestException.InvalidEntry broken) {
            throw new MergeException.LimitBroken(broken);
        }
    }

    /** Decides conflicts, and stores nodes as long as there can be a result. */
    private static final class Walk implements Merge.Policy, NodeSink {

        private final Policy policy;
        private final @Nullable IngestedNodes stored;
        private final Conflicts conflicts;
        private long count;

        Walk(Policy policy, @Nullable IngestedNodes stored, Conflicts conflicts) {
            this.policy = policy;
            this.stored = stored;
            this.conflicts = conflicts;
        }

        boolean isRejected() {
            return policy == Policy.REJECT && count > 0;
        }

        @Override
        public Side decide(Conflict conflict) {
            count++;
            conflicts.found(conflict);
            return policy == Policy.THEIRS ? Side.THEIRS : Side.OURS;
        }

        @Override
        public void accept(ChunkKind kind, Digest digest, ByteBuffer plaintext) {
            if (stored != null && !isRejected()) {
                stored.accept(kind, digest, plaintext);
            }
        }
    }
}
