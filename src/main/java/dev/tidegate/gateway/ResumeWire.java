package dev.tidegate.gateway;

import dev.tidegate.catalog.Artifact;
import dev.tidegate.catalog.ArtifactType;
import dev.tidegate.catalog.Experiment;
import dev.tidegate.catalog.SnapshotSelector;
import dev.tidegate.checkpoint.CheckpointUnits;
import dev.tidegate.checkpoint.PointerRule;
import dev.tidegate.checkpoint.ShardRule;
import dev.tidegate.gateway.merge.ResolvedInput;
import dev.tidegate.gateway.merge.ResumeInput;
import dev.tidegate.gateway.merge.ResumeOutcome;
import dev.tidegate.gateway.merge.ResumeRules;
import dev.tidegate.gateway.merge.ResumeWarning;
import dev.tidegate.manifest.InputCollision;
import dev.tidegate.manifest.InputCollision.Choice;
import dev.tidegate.manifest.ManifestException;
import dev.tidegate.manifest.PathFilter;
import dev.tidegate.manifest.PathPattern;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.manifest.Units;
import dev.tidegate.v1.CollisionUnits;
import dev.tidegate.v1.KindCount;
import dev.tidegate.v1.MergedArtifact;
import dev.tidegate.v1.PathPolicy;
import dev.tidegate.v1.Resume;
import dev.tidegate.v1.ResumeCollision;
import dev.tidegate.v1.ResumeCollisionKind;
import dev.tidegate.v1.ResumePolicy;
import dev.tidegate.v1.ResumeSide;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Between the messages about resumes and the types of the domain. What comes in is validated here, once. */
final class ResumeWire {

    /** The most patterns of one kind, and rules: each is tried on each path. */
    private static final int MAX_PATTERNS = 100;

    private ResumeWire() {}

    static List<ResumeInput> inputs(List<dev.tidegate.v1.ResumeInput> inputs) {
        return inputs.stream().map(ResumeWire::input).toList();
    }

    private static ResumeInput input(dev.tidegate.v1.ResumeInput input) {
        PathFilter filter = new PathFilter(
                patterns("inputs.include", input.getIncludeList()), patterns("inputs.exclude", input.getExcludeList()));
        return new ResumeInput(input.getSource(), selector(input), under(input.getUnder()), filter);
    }

    private static Optional<TreePath> under(String directory) {
        try {
            return directory.isEmpty() ? Optional.empty() : Optional.of(TreePath.parse(directory));
        } catch (ManifestException.InvalidPath refused) {
            throw Failures.invalid("inputs.under", String.valueOf(refused.getMessage()));
        }
    }

    private static SnapshotSelector selector(dev.tidegate.v1.ResumeInput input) {
        return switch (input.getSelectorCase()) {
            case NUMBER -> new SnapshotSelector.Numbered(input.getNumber());
            case LABEL -> new SnapshotSelector.Labelled(input.getLabel());
            case AT -> new SnapshotSelector.AsOf(Wire.instant(input.getAt()), true);
            case SELECTOR_NOT_SET -> new SnapshotSelector.Latest(true);
        };
    }

    private static List<PathPattern> patterns(String field, List<String> texts) {
        return parsed(field, texts, PathPattern::parse);
    }

    private static <T> List<T> parsed(String field, List<String> texts, Function<String, T> parser) {
        if (texts.size() > MAX_PATTERNS) {
            throw Failures.invalid(field, "there are at most " + MAX_PATTERNS + " of these, not " + texts.size());
        }
        try {
            return texts.stream().map(parser).toList();
        } catch (IllegalArgumentException refused) {
            throw Failures.invalid(field, String.valueOf(refused.getMessage()));
        }
    }

    static ResumeRules rules(dev.tidegate.v1.ResumeRules rules) {
        List<PathPattern> patterns = patterns(
                "rules.path_policies.pattern",
                rules.getPathPoliciesList().stream().map(PathPolicy::getPattern).toList());
        List<ResumeRules.ForPaths> paths = new ArrayList<>();
        for (int i = 0; i < patterns.size(); i++) {
            ResumePolicy policy = rules.getPathPolicies(i).getPolicy();
            if (policy == ResumePolicy.RESUME_POLICY_UNSPECIFIED) {
                throw Failures.invalid(
                        "rules.path_policies.policy", "the policy for " + patterns.get(i) + " is missing");
            }
            paths.add(new ResumeRules.ForPaths(patterns.get(i), choice(policy)));
        }
        return new ResumeRules(
                choice(rules.getPolicy()), paths, rules.hasUnits() ? units(rules.getUnits()) : CheckpointUnits.DEFAULT);
    }

    private static Choice choice(ResumePolicy policy) {
        return switch (policy) {
            case RESUME_POLICY_UNSPECIFIED, RESUME_POLICY_REJECT -> Choice.REJECT;
            case RESUME_POLICY_FIRST_WINS -> Choice.FIRST;
            case RESUME_POLICY_LAST_WINS -> Choice.LAST;
            case RESUME_POLICY_KEEP_BOTH -> Choice.BOTH;
            case UNRECOGNIZED ->
                throw Failures.invalid("rules.policy", "the policy is not one that this gateway knows");
        };
    }

    private static Units units(CollisionUnits units) {
        return new CheckpointUnits(
                parsed("rules.units.pointers", units.getPointersList(), PointerRule::parse),
                parsed("rules.units.shards", units.getShardsList(), ShardRule::parse));
    }

    static dev.tidegate.v1.ResolvedInput input(ResolvedInput input) {
        return dev.tidegate.v1.ResolvedInput.newBuilder()
                .setType(Wire.type(input.artifact().type()))
                .setArtifactId(input.artifact().id().toString())
                .setSnapshot(input.snapshot().id().number())
                .setExperimentId(input.experiment().id().toString())
                .setExperimentName(input.experiment().name())
                .setCreateTime(Wire.timestamp(input.snapshot().createdAt()))
                .setStatistics(Wire.statistics(input.snapshot().statistics()))
                .setUnder(input.under().map(TreePath::toString).orElse(""))
                .addAllInclude(texts(input.filter().include()))
                .addAllExclude(texts(input.filter().exclude()))
                .build();
    }

    private static List<String> texts(List<PathPattern> patterns) {
        return patterns.stream().map(PathPattern::toString).toList();
    }

    static ResumeCollision collision(List<ResolvedInput> inputs, InputCollision collision) {
        TreePath keptAs = collision.otherKeptAs();
        return ResumeCollision.newBuilder()
                .setType(Wire.type(inputs.getFirst().artifact().type()))
                .setPath(collision.path().toString())
                .setKind(kind(collision.kind()))
                .setPolicy(policy(collision.choice()))
                .setKept(side(inputs, collision.kept()))
                .setOther(side(inputs, collision.other()))
                .setOtherKeptAs(keptAs == null ? "" : keptAs.toString())
                .build();
    }

    private static ResumeSide side(List<ResolvedInput> inputs, InputCollision.Side side) {
        ResolvedInput input = inputs.get(side.input());
        TreePath path = side.path();
        ResumeSide.Builder message = ResumeSide.newBuilder()
                .setArtifactId(input.artifact().id().toString())
                .setSnapshot(input.snapshot().id().number())
                .setPath(path == null ? "" : path.toString());
        if (side.entry() != null) {
            message.setEntry(Wire.entry(side.entry()));
        }
        return message.build();
    }

    private static ResumeCollisionKind kind(InputCollision.Kind kind) {
        return switch (kind) {
            case CONTENT -> ResumeCollisionKind.RESUME_COLLISION_KIND_CONTENT;
            case TYPE -> ResumeCollisionKind.RESUME_COLLISION_KIND_TYPE;
            case UNIT -> ResumeCollisionKind.RESUME_COLLISION_KIND_DIRECTORY_UNIT;
            case LINK_TARGET -> ResumeCollisionKind.RESUME_COLLISION_KIND_LINK_TARGET;
            case MODE -> ResumeCollisionKind.RESUME_COLLISION_KIND_MODE;
        };
    }

    private static ResumePolicy policy(Choice choice) {
        return switch (choice) {
            case REJECT -> ResumePolicy.RESUME_POLICY_REJECT;
            case FIRST -> ResumePolicy.RESUME_POLICY_FIRST_WINS;
            case LAST -> ResumePolicy.RESUME_POLICY_LAST_WINS;
            case BOTH -> ResumePolicy.RESUME_POLICY_KEEP_BOTH;
        };
    }

    static dev.tidegate.v1.ResumeWarning warning(ResumeWarning warning) {
        dev.tidegate.v1.ResumeWarning.Builder message = dev.tidegate.v1.ResumeWarning.newBuilder()
                .setKind(warning.kind())
                .setPath(warning.path())
                .setMessage(warning.message());
        warning.type().ifPresent(type -> message.setType(Wire.type(type)));
        return message.build();
    }

    /**
     * What inputs have come to.
     *
     * @param experiment what was created; null for a plan
     */
    static Resume resume(@Nullable Experiment experiment, ResumeOutcome outcome, dev.tidegate.v1.ResumeRules rules) {
        Resume.Builder resume = Resume.newBuilder()
                .setRejected(outcome.rejected())
                .setWarnings(outcome.warnings())
                .setRules(rules);
        if (experiment != null) {
            resume.setExperimentId(experiment.id().toString());
            outcome.inputs().forEach(input -> resume.addInputs(input(input)));
        }
        outcome.collisions()
                .forEach((kind, count) -> resume.addCollisions(
                        KindCount.newBuilder().setKind(kind(kind)).setCount(count)));
        outcome.trees().forEach((type, tree) -> {
            MergedArtifact.Builder artifact = MergedArtifact.newBuilder()
                    .setType(Wire.type(type))
                    .setInputs((int) outcome.inputs().stream()
                            .filter(input -> input.artifact().type() == type)
                            .count());
            if (outcome.rejected() == 0) {
                artifact.setStatistics(Wire.statistics(tree.statistics()));
            }
            if (experiment != null) {
                artifact.setArtifactId(artifactOf(experiment, type));
            }
            resume.addArtifacts(artifact);
        });
        return resume.build();
    }

    private static String artifactOf(Experiment experiment, ArtifactType type) {
        return experiment.artifacts().stream()
                .filter(artifact -> artifact.type() == type)
                .map(Artifact::id)
                .findFirst()
                .orElseThrow()
                .toString();
    }
}
