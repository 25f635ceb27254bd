package dev.tidegate.gateway.merge;

import dev.tidegate.catalog.ArtifactType;
import dev.tidegate.catalog.PushCost;
import dev.tidegate.catalog.PushId;
import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import dev.tidegate.gateway.nodes.IngestedNodes;
import dev.tidegate.gateway.nodes.NodeStore;
import dev.tidegate.manifest.InputCollision;
import dev.tidegate.manifest.InputMerge;
import dev.tidegate.manifest.MergeInput;
import dev.tidegate.manifest.MergeWarning;
import dev.tidegate.manifest.NodeSink;
import dev.tidegate.manifest.PathPattern;
import dev.tidegate.manifest.TreeRoot;
import dev.tidegate.manifest.Units;
import dev.tidegate.store.OrganisationId;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Merges the inputs of a resume, type by type. Calls block. */
@ApplicationScoped
class InputMerger {

    private final MergeConfig config;
    private final NodeStore nodes;

    InputMerger(MergeConfig config, NodeStore nodes) {
        this.config = config;
        this.nodes = nodes;
    }

    /**
     * Merges inputs.
     *
     * @param push an open push to store the merged trees for; null to store nothing
     * @throws MergeException.LimitBroken if a tree would break a limit of manifests, or finding it one of memory
     */
    ResumeOutcome merge(
            OrganisationId organisation,
            ResolvedInputs resolved,
            ResumeRules rules,
            @Nullable PushId push,
            ResumeReport report) {
        List<ResolvedInput> inputs = resolved.inputs();
        Tally tally = new Tally(report);
        report.inputs(inputs);
        resolved.warnings().forEach(tally::warn);
        ResumeRules.Chooser chooser = rules.new Chooser();
        Map<ArtifactType, TreeRoot> trees = new EnumMap<>(ArtifactType.class);
        Map<ArtifactType, PushCost> costs = new EnumMap<>(ArtifactType.class);
        for (ArtifactType type : ArtifactType.values()) {
            List<ResolvedInput> ofType = inputs.stream()
                    .filter(input -> input.artifact().type() == type)
                    .toList();
            if (!ofType.isEmpty()) {
                Units units = type == ArtifactType.CHECKPOINTS ? rules.units() : Units.NONE;
                IngestedNodes stored = push == null ? null : nodes.sink(organisation, push);
                TreeRoot tree = Trees.limited(() -> new InputMerge(
                                Trees.source(nodes, config, organisation),
                                tally.unlessRejected(stored),
                                config.memory())
                        .merge(
                                ofType.stream().map(InputMerger::input).toList(),
                                units,
                                chooser,
                                tally.listener(type, ofType)));
                trees.put(type, tree);
                if (push != null && stored != null && tally.rejected == 0) {
                    stored.flush();
                    nodes.lease(organisation, push, tree.digest());
                    costs.put(type, stored.cost());
                }
            }
        }
        for (PathPattern pattern : chooser.unused()) {
            tally.warn(new ResumeWarning(
                    "policy_unused",
                    Optional.empty(),
                    "",
                    "the policy for " + pattern + " decides nothing: no inputs differ at a path that it fits"));
        }
        return new ResumeOutcome(inputs, trees, costs, tally.collisions, tally.rejected, tally.warnings);
    }

    private static MergeInput input(ResolvedInput input) {
        return new MergeInput(
                input.artifact().id().toString(),
                input.snapshot().root(),
                input.under().orElse(null),
                input.filter());
    }

    /** Counts what is found, and passes it on. */
    private static final class Tally {

        private final ResumeReport report;
        private final Map<InputCollision.Kind, Long> collisions = new EnumMap<>(InputCollision.Kind.class);
        private long rejected;
        private long warnings;

        Tally(ResumeReport report) {
            this.report = report;
        }

        void warn(ResumeWarning warning) {
            warnings++;
            report.warning(warning);
        }

        InputMerge.Listener listener(ArtifactType type, List<ResolvedInput> inputs) {
            return new InputMerge.Listener() {
                @Override
                public void collided(InputCollision collision) {
                    collisions.merge(collision.kind(), 1L, Long::sum);
                    if (collision.isRejected()) {
                        rejected++;
                    }
                    report.collision(inputs, collision);
                }

                @Override
                public void warned(MergeWarning warning) {
                    warn(ResumeWarning.of(type, inputs, warning));
                }
            };
        }

        /** Stores nodes as long as something can come of them. */
        NodeSink unlessRejected(@Nullable NodeSink sink) {
            return (ChunkKind kind, Digest digest, ByteBuffer plaintext) -> {
                if (sink != null && rejected == 0) {
                    sink.accept(kind, digest, plaintext);
                }
            };
        }
    }
}
