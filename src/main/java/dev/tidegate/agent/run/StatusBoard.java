package dev.tidegate.agent.run;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tidegate.files.FileFailure;
import dev.tidegate.files.WholeFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Keeps the status of one agent where others find it: in a file that outlives the agent, and as metrics. Says so when an
 * artifact falls behind. Thread-safe; files are written by a thread of its own, which nobody interrupts: an interrupt closes
 * what its thread writes to.
 */
final class StatusBoard implements AutoCloseable {

    private static final String FILE = "status.json";
    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final Duration WARNING_INTERVAL = Duration.ofMinutes(1);

    /** How long a disk may take to write the status before the agent goes on without. */
    private static final Duration WRITING = Duration.ofSeconds(10);

    private static final Duration CLOSING = Duration.ofSeconds(1);

    /** An artifact is behind if what is safe is older than this and than so many periods. */
    private static final Duration SHORTEST_BEHIND = Duration.ofSeconds(60);

    private static final int PERIODS_BEHIND = 3;

    private final Path file;
    private final AgentSettings settings;
    private final Identity identity;
    private final List<ArtifactSync> syncs;
    private final AgentListener listener;
    private final Map<ArtifactDirectory, Long> warnedAt = new EnumMap<>(ArtifactDirectory.class);
    private final Thread thread;
    private AgentStatus.State state = AgentStatus.State.HYDRATING;
    private OptionalInt jobPid = OptionalInt.empty();
    private Optional<Integer> exitCode = Optional.empty();

    /** How often it was asked for the files to be written, and how many of these questions are answered. */
    private long asked;

    private long written;
    private boolean closed;

    // Of the thread alone:
    private long nextRound = System.nanoTime() + INTERVAL.toNanos();
    private OptionalLong toldUnwritableAt = OptionalLong.empty();
    private Optional<Throwable> defect = Optional.empty();

    StatusBoard(
            WorkDirectory work,
            AgentSettings settings,
            Identity identity,
            List<ArtifactSync> syncs,
            AgentListener listener) {
        this.file = work.state().resolve(FILE);
        this.settings = settings;
        this.identity = identity;
        this.syncs = syncs;
        this.listener = listener;
        this.thread = Thread.ofPlatform().daemon().name("tidegate-status").start(this::run);
    }

    /**
     * Reads what the last agent of a work directory left there; empty if there was none.
     *
     * @throws IOException if it cannot be read, or is damaged: it is written often, and not so that it survives a power cut
     */
    static Optional<AgentStatus> read(Path state) throws IOException {
        try (JsonParser json = new JsonFactory().createParser(Files.readAllBytes(state.resolve(FILE)))) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("this is no status");
            }
            return Optional.of(AgentStatus.read(json));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (IOException damaged) {
            throw new IOException(state.resolve(FILE) + " cannot be read: " + damaged.getMessage(), damaged);
        }
    }

    /** As {@link #read}, for an agent, which works without as well: what cannot be read is told, and counts as nothing. */
    static Optional<AgentStatus> readIfPossible(Path state, AgentListener listener) {
        try {
            return read(state);
        } catch (IOException unreadable) {
            listener.message("warning: how far the last agent was is not known: " + unreadable.getMessage());
            return Optional.empty();
        }
    }

    /** Notes where in the job's life the agent is, and waits until it is written down. */
    void enter(AgentStatus.State entered, OptionalInt pid, Optional<Integer> code) {
        long question;
        synchronized (this) {
            state = entered;
            jobPid = pid;
            exitCode = code;
            question = ask();
        }
        awaitWritten(question);
    }

    /** How far everything is now. */
    AgentStatus current() {
        return status(ArtifactSync::status);
    }

    /** Tells of a cycle that ended badly, and has the new status written down. */
    void cycleEnded(ArtifactSync sync, SyncOutcome outcome) {
        String type = sync.artifact().type();
        if (outcome instanceof SyncOutcome.Failed(String sentence, var _) && mayWarn(sync.artifact())) {
            listener.message("warning: " + type + " cannot be pushed now, and will be tried again: " + sentence);
        }
        if (outcome instanceof SyncOutcome.Pushed(var result) && !result.complete() && mayWarn(sync.artifact())) {
            listener.message("warning: " + type + ": " + result.warnings().getFirst());
        }
        if (!(outcome instanceof SyncOutcome.Unchanged)) {
            var _ = ask();
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        try {
            thread.join(CLOSING);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized long ask() {
        asked++;
        notifyAll();
        return asked;
    }

    private synchronized void awaitWritten(long question) {
        long end = System.nanoTime() + WRITING.toNanos();
        boolean interrupted = false;
        long left = WRITING.toNanos();
        while (written < question && left > 0) {
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException later) {
                interrupted = true;
            }
            left = end - System.nanoTime();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        boolean open = true;
        while (open) {
            try {
                open = round();
            } catch (InterruptedException impossible) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException | Error failed) {
                // Memory may be there again at the next round, which tells.
                defect = Optional.of(failed);
            }
        }
    }

    /** Writes when it is asked, and at each interval; returns whether there is more to come. */
    private boolean round() throws InterruptedException {
        long answered;
        synchronized (this) {
            long left = nextRound - System.nanoTime();
            while (asked == written && !closed && left > 0) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
                left = nextRound - System.nanoTime();
            }
            if (asked == written && closed) {
                return false;
            }
            answered = asked;
        }
        try {
            if (nextRound - System.nanoTime() <= 0) {
                nextRound = System.nanoTime() + INTERVAL.toNanos();
                syncs.forEach(this::warnIfBehind);
            }
            if (defect.isPresent()) {
                Throwable failed = defect.get();
                defect = Optional.empty();
                tellUnwritable("warning: the status could not be told: " + failed);
            }
            write();
        } finally {
            synchronized (this) {
                written = answered;
                notifyAll();
            }
        }
        return true;
    }

    private void warnIfBehind(ArtifactSync sync) {
        Duration behind = Duration.ofNanos(sync.nanosBehind());
        Duration period = settings.period(sync.artifact());
        if (behind.compareTo(SHORTEST_BEHIND) > 0
                && behind.compareTo(period.multipliedBy(PERIODS_BEHIND)) > 0
                && mayWarn(sync.artifact())) {
            ArtifactStatus status = sync.recordedStatus();
            listener.message("warning: " + sync.artifact().type() + " is behind: what is safe is " + behind.toSeconds()
                    + " s old, and " + (status.bytesBehind() >> 10) + " KiB or more are to be read"
                    + (status.error().isEmpty() ? "" : "; " + status.error()));
        }
    }

    private synchronized boolean mayWarn(ArtifactDirectory artifact) {
        long now = System.nanoTime();
        Long last = warnedAt.get(artifact);
        if (last != null && now - last < WARNING_INTERVAL.toNanos()) {
            return false;
        }
        warnedAt.put(artifact, now);
        return true;
    }

    private AgentStatus status(Function<ArtifactSync, ArtifactStatus> each) {
        List<ArtifactStatus> artifacts = syncs.stream().map(each).toList();
        synchronized (this) {
            return new AgentStatus(
                    state,
                    identity.experiment(),
                    identity.name(),
                    identity.rank(),
                    ProcessHandle.current().pid(),
                    jobPid.orElse(0),
                    exitCode,
                    Instant.now(),
                    artifacts);
        }
    }

    private void write() {
        AgentStatus status = status(ArtifactSync::recordedStatus);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Path target = file;
        try {
            try (JsonGenerator json = new JsonFactory().createGenerator(bytes, JsonEncoding.UTF8)) {
                json.writeStartObject();
                status.write(json);
                json.writeEndObject();
            }
            WholeFile.replace(target, bytes.toByteArray(), false);
            if (settings.metricsFile().isPresent()) {
                target = settings.metricsFile().get();
                WholeFile.replace(target, Metrics.text(status).getBytes(StandardCharsets.UTF_8), false);
            }
        } catch (IOException failed) {
            tellUnwritable("warning: " + target + " cannot be written: " + FileFailure.sentence(failed));
        }
    }

    private void tellUnwritable(String sentence) {
        long now = System.nanoTime();
        if (toldUnwritableAt.isEmpty() || now - toldUnwritableAt.getAsLong() >= WARNING_INTERVAL.toNanos()) {
            toldUnwritableAt = OptionalLong.of(now);
            listener.message(sentence);
        }
    }
}
