package dev.tidegate.agent.run;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * How an artifact stands when an agent begins, from what an earlier one in the same work directory left.
 *
 * @param snapshot the last one that a push came to
 * @param safeTime see {@link ArtifactStatus#safeTime}
 * @param behindSince from when on something may wait to be pushed; empty if nothing did
 */
record Standing(
        Optional<ArtifactStatus.LastSnapshot> snapshot, Optional<Instant> safeTime, Optional<Instant> behindSince) {

    /** Of a work directory that is new. */
    static final Standing NEW = new Standing(Optional.empty(), Optional.empty(), Optional.empty());

    /** No artifact was behind for longer, whatever a clock said that was set meanwhile. */
    private static final long LONGEST_SECONDS = TimeUnit.DAYS.toSeconds(36_500);

    /**
     * Reads it out of the last status.
     *
     * @param sameFiles whether that is of the directory and the files that the artifact has now
     */
    static Standing of(Optional<AgentStatus> before, ArtifactDirectory artifact, boolean sameFiles) {
        if (before.isEmpty()) {
            return NEW;
        }
        boolean wasSafe = before.get().state() == AgentStatus.State.SAFE;
        return before.get().artifacts().stream()
                .filter(each -> each.artifact() == artifact)
                .findFirst()
                .map(last -> {
                    Optional<Instant> safe = sameFiles ? last.safeTime() : Optional.empty();
                    return new Standing(last.snapshot(), safe, wasSafe ? Optional.empty() : safe);
                })
                .orElse(NEW);
    }

    /** For how long something has waited by now. */
    Duration behind() {
        return behindSince
                .map(since -> Duration.ofSeconds(
                        Math.clamp(Duration.between(since, Instant.now()).toSeconds(), 0, LONGEST_SECONDS)))
                .orElse(Duration.ZERO);
    }
}
