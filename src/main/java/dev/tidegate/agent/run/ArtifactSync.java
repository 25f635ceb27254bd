package dev.tidegate.agent.run;

import dev.tidegate.agent.DirectoryPush;
import dev.tidegate.agent.Hooks;
import dev.tidegate.agent.PushListener;
import dev.tidegate.agent.PushRequest;
import dev.tidegate.agent.PushResult;
import dev.tidegate.agent.PushStatistics;
import dev.tidegate.agent.PushWarning;
import dev.tidegate.agent.Survey;
import dev.tidegate.client.CallInterruptedException;
import dev.tidegate.client.GatewayException;
import dev.tidegate.client.WaitingPush;
import dev.tidegate.files.FileFailure;
import dev.tidegate.manifest.ManifestException;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.trace.Traces;
import dev.tidegate.v1.PublishResponse;
import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Pushes one artifact, one cycle at a time, and knows how far it is. What a push selects is said by its request, what is run
 * around it by its hooks. Thread-safe.
 */
final class ArtifactSync {

    /** How soon it is asked what has become of a push that waits, and how often at the least. */
    private static final Duration FIRST_QUESTION = Duration.ofMillis(500);

    /** Why the files of an artifact cannot be listed that something still works on. */
    static final String STILL_READ = "it is still being read";

    private static final Duration LISTING = Duration.ofSeconds(1);

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final ArtifactDirectory artifact;
    private final PushRequest request;
    private final DirectoryPush push;
    private final Hydration hydration;
    private final Hooks hooks;
    private final Optional<Cutting> cutting;
    private final boolean keepsEmpty;
    private final ReentrantLock turn;
    private final ReentrantLock pushing = new ReentrantLock();

    private volatile Optional<ArtifactStatus.LastSnapshot> snapshot;
    private volatile Optional<Instant> safeTime;
    private volatile @Nullable Progress running;
    private volatile String error = "";
    private volatile long inStepAt;
    private volatile Runnable behind = () -> {};
    private volatile Survey lastSurvey = Survey.NOTHING;

    /** Who alone may tell what has become of the last push; null if it waits for nothing. Guarded by this. */
    private @Nullable Thread follower;

    /**
     * Prepares.
     *
     * @param request whose artifact is an id
     * @param hydration knows what the directory began as
     * @param hooks are run around each push
     * @param cutting takes the pushes into cuts, if they belong into any
     * @param before what an earlier agent left
     * @param keepsEmpty whether an empty directory is worth a first snapshot
     * @param turn is held while it pushes
     */
    ArtifactSync(
            ArtifactDirectory artifact,
            PushRequest request,
            DirectoryPush push,
            Hydration hydration,
            Hooks hooks,
            Optional<Cutting> cutting,
            Standing before,
            boolean keepsEmpty,
            ReentrantLock turn) {
        this.artifact = artifact;
        this.request = request;
        this.push = push;
        this.hydration = hydration;
        this.hooks = hooks;
        this.cutting = cutting;
        this.snapshot = before.snapshot();
        this.safeTime = before.safeTime();
        this.inStepAt = System.nanoTime() - before.behind().toNanos();
        this.keepsEmpty = keepsEmpty;
        this.turn = turn;
    }

    ArtifactDirectory artifact() {
        return artifact;
    }

    /**
     * Runs one cycle. Does not throw: what fails is tried again.
     *
     * @param writers who may write to the directory meanwhile
     */
    SyncOutcome run(PushRequest.Writers writers) {
        try {
            turn.lockInterruptibly();
            try {
                SyncOutcome outcome = cycle(request.withWriters(writers));
                error = switch (outcome) {
                    case SyncOutcome.Unchanged() -> "";
                    case SyncOutcome.Pushed(PushResult result) -> result.warningCount() > 0 ? leftOut(result) : "";
                    case SyncOutcome.Failed(String sentence, var _) -> sentence;
                };
                return outcome;
            } finally {
                turn.unlock();
            }
        } catch (InterruptedException | CallInterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return interrupted.getCause() instanceof GatewayException away
                    ? failed("it was broken off: " + sentence(away), cause(away))
                    : failed("it was broken off", SyncOutcome.Cause.OTHER);
        } catch (GatewayException refused) {
            return failed(sentence(refused), cause(refused));
        } catch (ManifestException refused) {
            return failed(sentence(refused), SyncOutcome.Cause.OTHER);
        } catch (IOException failed) {
            return failed(
                    FileFailure.sentence(failed),
                    Files.notExists(request.directory())
                            ? SyncOutcome.Cause.DIRECTORY_ABSENT
                            : SyncOutcome.Cause.OTHER);
        } catch (RuntimeException defect) {
            return failed("this is a defect of Tidegate: " + defect, SyncOutcome.Cause.OTHER);
        } catch (Error exhausted) {
            // Memory or threads may be there again at the next cycle.
            return failed(exhausted.toString(), SyncOutcome.Cause.OTHER);
        }
    }

    /**
     * Tells of each file that is not safe, as far as can be told without reading files.
     *
     * @throws IOException if the directory cannot be read, or a push that was broken off has not ended
     */
    void unsafe(Consumer<TreePath> each) throws IOException, InterruptedException {
        if (!pushing.tryLock(LISTING.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new IOException(STILL_READ);
        }
        try {
            push.survey(request, each);
        } finally {
            pushing.unlock();
        }
    }

    /** How far it is now; walks the directory unless a push runs. */
    ArtifactStatus status() {
        Progress current = running;
        if (current != null) {
            PushStatistics soFar = current.latest;
            double seconds = soFar.duration().toNanos() / 1e9;
            return status(
                    true,
                    soFar.files() - soFar.filesRead(),
                    Math.max(0, soFar.bytes() - soFar.bytesRead() - soFar.bytesUnchanged()),
                    seconds > 0 ? Math.round(soFar.bytesRead() / seconds) : 0);
        }
        if (pushing.tryLock()) {
            try {
                lastSurvey = push.isUnchanged(request) ? Survey.NOTHING : push.survey(request, path -> {});
            } catch (IOException unreadable) {
                // The next cycle meets the same and tells it.
            } finally {
                pushing.unlock();
            }
        }
        return recordedStatus();
    }

    /** How far it was at the last cycle, which costs nothing. */
    ArtifactStatus recordedStatus() {
        Survey known = lastSurvey;
        return status(running != null, known.filesBehind(), known.bytesBehind(), 0);
    }

    /** For how long something has not been safe, in nanoseconds; 0 if all was at the last cycle. */
    long nanosBehind() {
        return error.isEmpty() && lastSurvey.filesBehind() == 0 && running == null ? 0 : System.nanoTime() - inStepAt;
    }

    private ArtifactStatus status(boolean syncing, long files, long bytes, long rate) {
        boolean behind = syncing || files > 0 || !error.isEmpty();
        return new ArtifactStatus(
                artifact,
                snapshot,
                safeTime,
                syncing,
                files,
                bytes,
                behind ? TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - inStepAt) / 1000.0 : 0,
                rate,
                error);
    }

    private SyncOutcome cycle(PushRequest now) throws IOException {
        pushing.lock();
        try {
            Instant time = Instant.now();
            long begin = System.nanoTime();
            // An agent that was killed may have left something frozen.
            hooks.recover();
            stopFollowing();
            hydration.recall(artifact, now);
            // Others wait in a cut even for a rank of which nothing has changed.
            if (cutting.isEmpty() && error.isEmpty() && push.isUnchanged(now)) {
                safeTime = Optional.of(time);
                return inStep(begin, new SyncOutcome.Unchanged());
            }
            lastSurvey = push.survey(now, path -> {});
            if (isWorthNothing(lastSurvey)) {
                return inStep(begin, new SyncOutcome.Unchanged());
            }
            Progress progress = new Progress();
            running = progress;
            PushRequest taken =
                    cutting.map(cuts -> now.withCut(cuts.next(now.jobEnded()))).orElse(now);
            PushResult result = Traces.span(
                    "tidegate agent push",
                    Map.of("tidegate.artifact", now.artifact()),
                    () -> hooks.around(() -> push.run(taken, progress)));
            Optional<Instant> safe = result.complete() ? Optional.of(time) : Optional.empty();
            if (result.published().isPresent() && !published(result.published().get(), safe)) {
                return new SyncOutcome.Failed(leftBehind(result.published().get()));
            }
            result.waiting().ifPresent(waiting -> follow(waiting, safe, !result.complete() && now.jobEnded()));
            SyncOutcome outcome = new SyncOutcome.Pushed(result);
            return result.complete() ? inStep(begin, outcome) : outcome;
        } finally {
            running = null;
            pushing.unlock();
        }
    }

    /**
     * Notes the snapshot that a push came to.
     *
     * @param safe when the push began; empty if it left something out that should be in it
     * @return whether what was pushed is in it
     */
    private boolean published(Snapshot made, Optional<Instant> safe) {
        if (made.getMissingRanksList().contains(request.writer())) {
            return false;
        }
        snapshot = Optional.of(new ArtifactStatus.LastSnapshot(made.getId(), made.getNumber()));
        safeTime = safe.or(() -> safeTime);
        return true;
    }

    private static String leftBehind(Snapshot made) {
        return "what was pushed for snapshot " + made.getNumber()
                + " is not in it: the other ranks were at a later checkpoint";
    }

    /**
     * Asks now and then what has become of a push that waits for its cut.
     *
     * @param safe when the push began; empty if it left something out that should be in its snapshot
     * @param repeated whether the next push takes the place of this one
     */
    private synchronized void follow(WaitingPush waiting, Optional<Instant> safe, boolean repeated) {
        Cutting cuts = cutting.orElseThrow();
        if (repeated) {
            cuts.pushAgain(waiting.cut());
        }
        long before = inStepAt;
        follower = Thread.ofVirtual().name("tidegate-cut").start(() -> {
            Duration pause = FIRST_QUESTION;
            try {
                while (true) {
                    Thread.sleep(pause);
                    Optional<PublishResponse> outcome = cuts.outcome(waiting);
                    if (outcome.isPresent() && outcome.get().hasSnapshot()) {
                        settled(outcome.get().getSnapshot(), safe, before);
                        return;
                    }
                    if (outcome.isPresent() && outcome.get().getPending().getBehind()) {
                        // Another rank is at a later checkpoint already: this one has to be there by now.
                        cuts.pushAgain(waiting.cut());
                        behind.run();
                        return;
                    }
                    pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
                }
            } catch (InterruptedException | CallInterruptedException overtaken) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /**
     * Takes what a push has come to that waited, unless another has begun meanwhile.
     *
     * @param before since when something would not be safe if what was pushed is not in it
     */
    private synchronized void settled(Snapshot made, Optional<Instant> safe, long before) {
        if (follower == Thread.currentThread() && !published(made, safe)) {
            inStepAt = before;
            error = leftBehind(made);
        }
    }

    private synchronized void stopFollowing() {
        Thread following = follower;
        follower = null;
        if (following != null) {
            following.interrupt();
        }
    }

    /** Names what is run when another rank waits for this one to push again. */
    void whenBehind(Runnable prompt) {
        behind = prompt;
    }

    /** The next tick that all ranks share; empty if there is none or it cannot be told now. */
    OptionalLong nextTick(Duration period) {
        return cutting.isEmpty() ? OptionalLong.empty() : cutting.get().nextTick(period);
    }

    private SyncOutcome inStep(long since, SyncOutcome outcome) {
        inStepAt = since;
        lastSurvey = Survey.NOTHING;
        return outcome;
    }

    /** An artifact that nothing was ever written to needs no snapshot that says so. */
    private boolean isWorthNothing(Survey survey) {
        return !keepsEmpty && snapshot.isEmpty() && survey.entries() == 0;
    }

    private SyncOutcome failed(String sentence, SyncOutcome.Cause cause) {
        error = sentence;
        return new SyncOutcome.Failed(sentence, cause);
    }

    private static SyncOutcome.Cause cause(GatewayException refused) {
        return refused.retryable() ? SyncOutcome.Cause.GATEWAY_AWAY : SyncOutcome.Cause.OTHER;
    }

    private static String leftOut(PushResult result) {
        PushWarning first = result.warnings().getFirst();
        return result.warningCount() == 1 ? first.toString() : first + ", and " + (result.warningCount() - 1) + " more";
    }

    private static String sentence(Exception failure) {
        return Objects.requireNonNullElse(failure.getMessage(), failure.toString());
    }

    private static final class Progress implements PushListener {
        private volatile PushStatistics latest = new PushStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, Duration.ZERO);

        @Override
        public void progress(PushStatistics soFar) {
            latest = soFar;
        }
    }
}
