package dev.tidegate.cli;

import dev.tidegate.checkpoint.PointerRule;
import dev.tidegate.checkpoint.ShardRule;
import dev.tidegate.client.ResumeSource;
import dev.tidegate.v1.CollisionUnits;
import dev.tidegate.v1.PathPolicy;
import dev.tidegate.v1.ResumeInput;
import dev.tidegate.v1.ResumePolicy;
import dev.tidegate.v1.ResumeRules;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How inputs become the artifacts of a new experiment. */
final class ResumeOptions {

    /** How every help names the ways to name an input. */
    static final String INPUT = "[DIRECTORY=]SOURCE[@WHICH][:PATTERN]. SOURCE is an experiment (its id or name) for all"
            + " four of its artifacts, EXPERIMENT/TYPE or an artifact's id (art_…) for one; WHICH a number, a label or a"
            + " time, without it the newest snapshot that is complete; PATTERN the paths to take; DIRECTORY where to put"
            + " them in the new artifact. Several of one type merge in the order given.";

    /** What collides as a whole. */
    enum UnitKind {
        CHECKPOINT,
        FILE
    }

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--policy",
            paramLabel = "[PATTERN=]POLICY",
            description = "Where inputs have different content at one path: reject creates nothing, first-wins and"
                    + " last-wins take one of them, keep-both keeps the others under names with their artifacts' ids."
                    + " With PATTERN= for these paths only; the first that fits counts. Repeatable. Default: reject.")
    private List<String> policies = List.of();

    @Option(
            names = "--unit",
            paramLabel = "UNIT",
            description = "What collides as a whole in checkpoints: checkpoint for all checkpoints of a name with their"
                    + " pointer, and directories of shards; file for each file on its own. Default: checkpoint.")
    private @Nullable UnitKind unit;

    @Option(
            names = "--pointer",
            paramLabel = "RULE",
            description = "What checkpoints and their pointers are called, as POINTER:DIRECTORY[:KEEP], instead of the"
                    + " usual names. Repeatable.")
    private List<String> pointers = List.of();

    @Option(
            names = "--shards",
            paramLabel = "RULE",
            description = "What shards and their marker are called, as MARKER:SHARD, instead of the usual names."
                    + " Repeatable.")
    private List<String> shards = List.of();

    @Option(
            names = "--include",
            paramLabel = "PATTERN",
            description = "Take only these paths, of every input. Repeatable. In a pattern '*' and '?' stand for"
                    + " characters of a name, '**' for any number of directories.")
    private List<String> include = List.of();

    @Option(names = "--exclude", paramLabel = "PATTERN", description = "Do not take these paths. Repeatable.")
    private List<String> exclude = List.of();

    /** Whether anything was given. */
    boolean given() {
        return unit != null
                || !(policies.isEmpty()
                        && pointers.isEmpty()
                        && shards.isEmpty()
                        && include.isEmpty()
                        && exclude.isEmpty());
    }

    /** Not by the parser, which would say of all but the first that there is one too many. */
    List<ResumeSource> sources(List<String> texts) {
        try {
            return texts.stream().map(ResumeSource::parse).toList();
        } catch (IllegalArgumentException refused) {
            throw wrong(refused.getMessage());
        }
    }

    /** The inputs, each with the patterns for all. */
    List<ResumeInput> inputs(List<ResumeSource> sources) {
        return sources.stream()
                .map(source -> source.toProto()
                        .addAllInclude(include)
                        .addAllExclude(exclude)
                        .build())
                .toList();
    }

    ResumeRules rules() {
        ResumeRules.Builder rules = ResumeRules.newBuilder();
        for (String policy : policies) {
            int sign = policy.lastIndexOf('=');
            if (sign >= 0) {
                rules.addPathPolicies(PathPolicy.newBuilder()
                        .setPattern(policy.substring(0, sign))
                        .setPolicy(policy(policy.substring(sign + 1))));
            } else if (rules.getPolicy() == ResumePolicy.RESUME_POLICY_UNSPECIFIED) {
                rules.setPolicy(policy(policy));
            } else {
                throw wrong("--policy is given twice for all paths; write PATTERN=" + policy + " for some of them.");
            }
        }
        if (unit == UnitKind.FILE) {
            if (!pointers.isEmpty() || !shards.isEmpty()) {
                throw wrong("--unit file knows no checkpoints: leave out --pointer and --shards.");
            }
            rules.setUnits(CollisionUnits.getDefaultInstance());
        } else if (!pointers.isEmpty() || !shards.isEmpty()) {
            try {
                pointers.forEach(PointerRule::parse);
                shards.forEach(ShardRule::parse);
            } catch (IllegalArgumentException refused) {
                throw wrong(refused.getMessage());
            }
            rules.setUnits(CollisionUnits.newBuilder().addAllPointers(pointers).addAllShards(shards));
        }
        return rules.build();
    }

    private ResumePolicy policy(String text) {
        String name = "RESUME_POLICY_" + text.toUpperCase(Locale.ROOT).replace('-', '_');
        return Stream.of(ResumePolicy.values())
                .filter(policy -> policy.name().equals(name) && policy != ResumePolicy.RESUME_POLICY_UNSPECIFIED)
                .findFirst()
                .orElseThrow(() ->
                        wrong("\"" + text + "\" is no policy: there are reject, first-wins, last-wins and keep-both."));
    }

    private ParameterException wrong(@Nullable String sentence) {
        return new ParameterException(command.commandLine(), String.valueOf(sentence));
    }
}
