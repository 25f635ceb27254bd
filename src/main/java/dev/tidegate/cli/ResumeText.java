package dev.tidegate.cli;

import dev.tidegate.terminal.Printable;
import dev.tidegate.terminal.Quantities;
import dev.tidegate.v1.KindCount;
import dev.tidegate.v1.ResolvedInput;
import dev.tidegate.v1.Resume;
import dev.tidegate.v1.ResumeCollision;
import dev.tidegate.v1.ResumeCollisionKind;
import dev.tidegate.v1.ResumePolicy;
import dev.tidegate.v1.ResumeSide;
import dev.tidegate.v1.ResumeWarning;
import dev.tidegate.v1.TreeEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What a resume says, in words. */
final class ResumeText {

    private ResumeText() {}

    static String kind(ResumeCollisionKind kind) {
        return switch (kind) {
            case RESUME_COLLISION_KIND_CONTENT -> "content";
            case RESUME_COLLISION_KIND_TYPE -> "type";
            case RESUME_COLLISION_KIND_DIRECTORY_UNIT -> "checkpoint";
            case RESUME_COLLISION_KIND_LINK_TARGET -> "link";
            case RESUME_COLLISION_KIND_MODE -> "mode";
            case RESUME_COLLISION_KIND_UNSPECIFIED, UNRECOGNIZED -> "unknown";
        };
    }

    /** What of an input is taken, and where it is put. */
    static String taken(ResolvedInput input) {
        List<String> parts = new ArrayList<>();
        if (input.getIncludeCount() > 0) {
            parts.add("only " + String.join(", ", input.getIncludeList()));
        }
        if (input.getExcludeCount() > 0) {
            parts.add("not " + String.join(", ", input.getExcludeList()));
        }
        if (!input.getUnder().isEmpty()) {
            parts.add("under " + input.getUnder() + "/");
        }
        return parts.isEmpty() ? "all" : String.join("; ", parts);
    }

    /** Whose it is and what, such as {@code llama@3 (1.2 GiB, 2026-11-23 10:00)}. */
    static String side(ResumeSide side, List<ResolvedInput> inputs) {
        String owner = inputs.stream()
                .filter(input -> input.getArtifactId().equals(side.getArtifactId()))
                .map(ResolvedInput::getExperimentName)
                .findFirst()
                .orElse(side.getArtifactId());
        return owner + "@" + side.getSnapshot() + (side.hasEntry() ? " (" + entry(side.getEntry()) + ")" : "");
    }

    private static String entry(TreeEntry entry) {
        return switch (entry.getType()) {
            case ENTRY_TYPE_FILE ->
                Quantities.bytes(entry.getSize()) + ", " + Times.text(Json.instant(entry.getModifyTime())) + ", mode "
                        + Json.mode(entry.getMode());
            case ENTRY_TYPE_DIRECTORY -> "directory, mode " + Json.mode(entry.getMode());
            case ENTRY_TYPE_SYMBOLIC_LINK -> "-> " + entry.getTarget();
            case ENTRY_TYPE_UNSPECIFIED, UNRECOGNIZED -> "unknown";
        };
    }

    /** What becomes of the other side. */
    static String outcome(ResumeCollision collision) {
        if (!collision.getOtherKeptAs().isEmpty()) {
            return "kept as " + collision.getOtherKeptAs();
        }
        return collision.getPolicy() == ResumePolicy.RESUME_POLICY_REJECT
                        && collision.getKind() != ResumeCollisionKind.RESUME_COLLISION_KIND_MODE
                ? "REJECTED"
                : "left out";
    }

    static String warning(ResumeWarning warning) {
        return "warning: " + Printable.line(warning.getMessage());
    }

    static String totals(Resume resume) {
        String collisions = resume.getCollisionsList().stream()
                .map(count -> Quantities.count(count.getCount()) + " " + kind(count.getKind()))
                .collect(Collectors.joining(", "));
        long count = resume.getCollisionsList().stream()
                .mapToLong(KindCount::getCount)
                .sum();
        return (count == 0
                        ? "no collisions"
                        : Quantities.count(count, "collision", "collisions") + " (" + collisions + ")")
                + (resume.getWarnings() == 0
                        ? ""
                        : ", " + Quantities.count(resume.getWarnings(), "warning", "warnings"));
    }

    /** What a plan comes to, that of an experiment which was to be created if {@code create}. */
    static String verdict(Resume plan, boolean create) {
        return plan.getRejected() == 0
                ? "Nothing stands in the way: tidegate resume create NAME with the same inputs and options."
                : (create ? "Nothing was created: " : "Nothing would be created: ")
                        + Quantities.count(plan.getRejected(), "collision is", "collisions are")
                        + " rejected. Choose with --policy first-wins, last-wins or keep-both.";
    }
}
