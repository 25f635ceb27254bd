package dev.tidegate.agent.run;

import java.time.Instant;
import java.util.Optional;

/**
 * How far an artifact is in step with its directory.
 *
 * @param artifact which
 * @param snapshot the last one that a push of this node came to; empty before the first
 * @param safeTime everything that was written before and should be in a snapshot is in one; empty while that is not known of
 *     any time
 * @param syncing whether it is being pushed now
 * @param filesBehind files that are not as the last good push found them
 * @param bytesBehind of these files that have to be read
 * @param secondsBehind how old what is safe is; 0 if nothing has changed since
 * @param bytesPerSecond what the running push has read on average, or 0
 * @param error why the last cycle failed or what it left out; empty if it did neither
 */
public record ArtifactStatus(
        ArtifactDirectory artifact,
        Optional<LastSnapshot> snapshot,
        Optional<Instant> safeTime,
        boolean syncing,
        long filesBehind,
        long bytesBehind,
        double secondsBehind,
        long bytesPerSecond,
        String error) {

    /**
     * A snapshot that a push came to.
     *
     * @param id the artifact's id, '@' and the number
     * @param number in the artifact
     */
    public record LastSnapshot(String id, long number) {}
}
