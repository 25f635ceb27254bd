package dev.tidegate.agent.run;

import dev.tidegate.agent.DirectoryPush;
import dev.tidegate.agent.Hooks;
import dev.tidegate.agent.PushRequest;
import dev.tidegate.agent.SelectionRules;
import dev.tidegate.client.CallInterruptedException;
import dev.tidegate.client.Credentials;
import dev.tidegate.client.GatewayAddress;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.RetryPolicy;
import dev.tidegate.files.RankLog;
import dev.tidegate.materialise.PullListener;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One agent's life: it finds or starts the job, keeps the artifacts in step while the job runs, and pushes once more when
 * it has ended. For one thread, in a process that does nothing else: it takes the process' signals.
 */
public final class Agent {

    /** What an agent exits with that could not make everything safe: that of sysexits.h for "try again later". */
    public static final int UNSAFE = 75;

    private static final String CUTS = "cuts.json";

    /** How long whoever reads the output may take nothing before the agent ends without showing the rest. */
    private static final Duration OUTPUT_PATIENCE = Duration.ofSeconds(10);

    private static final int LARGE_MEMORY = 24 << 20;

    private final AgentSettings settings;
    private final GatewayAddress gateway;
    private final Credentials credentials;
    private final AgentListener listener;

    /** Who may write while the last push runs. */
    private volatile PushRequest.Writers lastWriters = PushRequest.Writers.JOB;

    /**
     * Prepares an agent.
     *
     * @param gateway where the experiment is
     * @param credentials as whom it is called
     */
    public Agent(AgentSettings settings, GatewayAddress gateway, Credentials credentials, AgentListener listener) {
        this.settings = settings;
        this.gateway = gateway;
        this.credentials = credentials;
        this.listener = listener;
    }

    /**
     * Runs a command as a job, or takes up the one that runs already, until all that it wrote is safe.
     *
     * @param out where the job's output is shown
     * @return the job's exit code, {@link #UNSAFE}, or that of a signal that came before the job was started
     * @throws AgentException if the job cannot be started or taken up
     * @throws IOException if the work directory cannot be read or written
     * @throws dev.tidegate.client.GatewayException if the gateway refuses, or stays away, before the job is started
     */
    public int run(List<String> command, OutputStream out) throws IOException, InterruptedException {
        try (Signals signals = Signals.take();
                WorkDirectory work = WorkDirectory.open(settings.workDirectory())) {
            Sources sources = Sources.of(work);
            Path log = work.log(settings.rank());
            Optional<Job> found = find(work, command);
            return live(signals, work, sources, new Beginning() {
                @Override
                public Workload start(Identity identity, GatewayConnection connection)
                        throws IOException, InterruptedException {
                    if (found.isPresent()) {
                        return found.get();
                    }
                    hydrate(new Hydration(work, identity, settings.worldSize(), connection, push(work, connection)));
                    Map<String, String> variables = variables(sources.directories());
                    // From here on a signal is for the job, which would go on by itself if its start were given up.
                    if (signals.waitPatiently()) {
                        throw new InterruptedException("a signal came before the job was started");
                    }
                    // Not before: a directory that was half filled is not for a drain to push.
                    record(work, sources);
                    return Job.launch(work, command, variables, log);
                }

                @Override
                public Optional<LogTail> show(Workload workload) {
                    return workload instanceof Job job
                            ? Optional.of(LogTail.from(job.logOffset(), job.shown(), log, out))
                            : Optional.empty();
                }

                @Override
                public boolean takesUp() {
                    return found.isPresent();
                }
            });
        }
    }

    /**
     * Pushes directories that a process writes to which somebody else started, until that has ended or this process gets
     * SIGTERM or SIGINT, and all is safe. They are only read.
     *
     * @param sources what it writes to
     * @param pid of the process
     * @return 0, {@link #UNSAFE}, or that of a signal that came before the first push
     * @throws AgentException if there is no such process
     * @throws IOException if the work directory cannot be read or written
     * @throws dev.tidegate.client.GatewayException if the gateway refuses, or stays away, before the first push
     */
    public int attach(Sources sources, OptionalInt pid) throws IOException, InterruptedException {
        try (Signals signals = Signals.take();
                WorkDirectory work = WorkDirectory.open(settings.workDirectory())) {
            Workload process = new AttachedProcess(pid);
            return live(signals, work, sources.withPlaceForLogs(work), new Beginning() {
                @Override
                public Workload start(Identity identity, GatewayConnection connection) {
                    return process;
                }

                @Override
                public Optional<LogTail> show(Workload workload) {
                    return Optional.empty();
                }

                @Override
                public boolean takesUp() {
                    return true;
                }
            });
        }
    }

    /**
     * Pushes what an agent that lives no more has left behind in its work directory.
     *
     * @param gateway if it is elsewhere than it was
     * @return 0, {@link #UNSAFE} if not all is safe within {@code limit}, or that of a signal
     * @throws AgentException if no agent ever worked there, one still does, or its job still runs
     * @throws IOException if the work directory cannot be read or written
     */
    public static int drain(
            Path workDirectory, Optional<GatewayAddress> gateway, Duration limit, AgentListener listener)
            throws IOException, InterruptedException {
        Path root = workDirectory.toAbsolutePath().normalize();
        Identity identity = Identity.read(WorkDirectory.state(root))
                .orElseThrow(() -> new AgentException("no agent has worked in " + root));
        Optional<AgentStatus> before = StatusBoard.readIfPossible(WorkDirectory.state(root), listener);
        Map<String, String> cuts =
                StateFile.read(WorkDirectory.state(root).resolve(CUTS)).orElse(Map.of());
        AgentSettings settings = new AgentSettings(
                root,
                identity.experiment(),
                identity.rank(),
                AgentSettings.Cuts.worldSize(cuts).orElse(identity.rank() + 1),
                Map.of(),
                Duration.ZERO,
                limit,
                limit,
                RecordedRules.read(WorkDirectory.state(root)),
                AgentSettings.HookCommands.NONE,
                AgentSettings.Cuts.of(cuts),
                AgentSettings.Limits.NONE,
                Optional.empty());
        Agent agent = new Agent(
                settings,
                gateway.orElse(identity.gateway()),
                RecordedCredentials.read(WorkDirectory.state(root)),
                listener);
        try (Signals signals = Signals.take();
                WorkDirectory work = WorkDirectory.open(root)) {
            Optional<Job> job = Job.find(work);
            if (job.isPresent() && !job.get().hasEnded()) {
                throw new AgentException(
                        "the job with process id " + job.get().pid().orElse(0) + " still runs in " + root
                                + ": `tidegate agent run` with its command takes it up");
            }
            // A process that was only watched may run on.
            agent.lastWriters = job.isPresent() ? job.get().writers() : PushRequest.Writers.JOB;
            try (GatewayConnection connection =
                    GatewayConnection.open(agent.gateway, agent.credentials, RetryPolicy.PATIENT, listener::message)) {
                Sources sources = Sources.read(work);
                List<ArtifactSync> syncs = agent.syncs(
                        work, identity, sources, connection, artifact -> Standing.of(before, artifact, true));
                Map<ArtifactDirectory, Cadence> cadences = new EnumMap<>(ArtifactDirectory.class);
                try (StatusBoard board = new StatusBoard(work, settings, identity, syncs, listener)) {
                    OptionalInt pid = OptionalInt.empty();
                    Optional<Integer> code = before.flatMap(AgentStatus::exitCode);
                    board.enter(AgentStatus.State.DRAINING, pid, code);
                    agent.start(cadences, syncs, board, true);
                    boolean safe = new LastPush(settings, signals, work, listener).run(syncs, cadences);
                    board.enter(safe ? AgentStatus.State.SAFE : AgentStatus.State.UNSAFE, pid, code);
                    return safe ? 0 : UNSAFE;
                } finally {
                    cadences.values().forEach(Cadence::close);
                }
            }
        }
    }

    /** What is particular to a job that the agent starts, and to one that it only watches. */
    private interface Beginning {
        /** Returns what runs from now on. */
        Workload start(Identity identity, GatewayConnection connection) throws IOException, InterruptedException;

        /** Shows what it prints. */
        Optional<LogTail> show(Workload workload);

        /** Whether it has been running already, so that something may wait to be pushed. */
        boolean takesUp();
    }

    private int live(Signals signals, WorkDirectory work, Sources sources, Beginning beginning)
            throws IOException, InterruptedException {
        Sources last = Sources.lastIfKnown(work);
        if (beginning.takesUp()) {
            record(work, sources);
        }
        try (GatewayConnection connection = GatewayConnection.open(gateway, credentials, RetryPolicy.PATIENT);
                GatewayConnection early = GatewayConnection.open(
                        gateway, credentials, RetryPolicy.ofLimit(settings.startLimit()), listener::message)) {
            Identity identity;
            signals.interruptThisThread();
            try {
                identity = Identity.bind(work, settings, early);
            } catch (CallInterruptedException | ClosedByInterruptException interrupted) {
                return endedEarly(signals);
            }
            Optional<AgentStatus> before = StatusBoard.readIfPossible(work.state(), listener);
            List<ArtifactSync> syncs = syncs(
                    work,
                    identity,
                    sources,
                    connection,
                    artifact -> Standing.of(before, artifact, sources.sameFor(artifact, last)));
            Map<ArtifactDirectory, Cadence> cadences = new ConcurrentSkipListMap<>();
            try (StatusBoard board = new StatusBoard(work, settings, identity, syncs, listener);
                    ControlServer _ = ControlServer.startIfPossible(work, board, cadences, listener)) {
                board.enter(AgentStatus.State.HYDRATING, OptionalInt.empty(), Optional.empty());
                Workload workload;
                try {
                    workload = beginning.start(identity, early);
                } catch (CallInterruptedException | InterruptedException | ClosedByInterruptException interrupted) {
                    return endedEarly(signals);
                }
                var _ = signals.waitPatiently();
                if (settings.limits().nice() > 0) {
                    Niceness.set(settings.limits().nice(), listener);
                }
                board.enter(AgentStatus.State.RUNNING, workload.pid(), Optional.empty());
                start(cadences, syncs, board, beginning.takesUp());
                Optional<LogTail> tail = beginning.show(workload);
                new Supervision(workload, signals, settings.grace(), listener)
                        .awaitEnd(() -> cadences.values().forEach(Cadence::prompt));
                int code = workload.exitCode();
                lastWriters = workload.writers();
                board.enter(AgentStatus.State.DRAINING, workload.pid(), Optional.of(code));
                boolean safe = new LastPush(settings, signals, work, listener).run(syncs, cadences);
                if (tail.isPresent()) {
                    tail.get().finish(OUTPUT_PATIENCE);
                    tail.get().close();
                }
                board.enter(
                        safe ? AgentStatus.State.SAFE : AgentStatus.State.UNSAFE,
                        OptionalInt.empty(),
                        Optional.of(code));
                if (workload instanceof Job job) {
                    job.forget();
                }
                if (!safe && code != 0) {
                    listener.message("the job itself ended with code " + code);
                }
                return safe ? code : UNSAFE;
            } finally {
                cadences.values().forEach(Cadence::close);
            }
        }
    }

    /** Writes down what a later drain goes by. A full disk must not keep this agent from pushing what fills it. */
    private void record(WorkDirectory work, Sources sources) {
        try {
            sources.write(work);
            RecordedRules.write(work, settings.checkpointRules());
            RecordedCredentials.write(work, credentials);
            StateFile.write(work.state().resolve(CUTS), settings.cuts().toMap(settings.worldSize()), true);
        } catch (IOException full) {
            listener.message(
                    "warning: what a later `tidegate agent drain` goes by cannot be written, and stays as it was: "
                            + full.getMessage());
        }
    }

    private Optional<Job> find(WorkDirectory work, List<String> command) throws IOException {
        Optional<Job> found = Job.find(work);
        if (found.isEmpty()) {
            return found;
        }
        Job job = found.get();
        int pid = job.pid().orElse(0);
        if (!job.hasEnded()) {
            if (!job.isOf(command)) {
                throw new AgentException(
                        "another job runs in " + work.root() + " with process id " + pid + ": " + job.command());
            }
            listener.message("takes up the job with process id " + pid);
            return found;
        }
        listener.message("the job with process id " + pid + " ended with code " + job.exitCode()
                + " while no agent lived: " + job.command());
        if (!job.isOf(command)) {
            job.forget();
            return Optional.empty();
        }
        return found;
    }

    private void hydrate(Hydration hydration) throws IOException {
        for (ArtifactDirectory each : ArtifactDirectory.values()) {
            PullListener pull = new PullListener() {
                @Override
                public void warning(String sentence) {
                    listener.message(each.type() + ": " + sentence);
                }
            };
            if (hydration.fill(each, pull) instanceof Hydration.Result.Filled(var snapshot)) {
                listener.message(each.type() + " begins as snapshot " + snapshot.getId());
            }
        }
    }

    /** Makes the job's output file, so that all that is pushed stands there from the beginning. */
    private Map<String, String> variables(Map<ArtifactDirectory, Path> directories) throws IOException {
        Map<String, String> variables = new HashMap<>();
        directories.forEach(
                (artifact, path) -> artifact.variables().forEach(variable -> variables.put(variable, path.toString())));
        Path log =
                Objects.requireNonNull(directories.get(ArtifactDirectory.LOGS)).resolve(RankLog.name(settings.rank()));
        Files.newOutputStream(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                .close();
        return variables;
    }

    private List<ArtifactSync> syncs(
            WorkDirectory work,
            Identity identity,
            Sources sources,
            GatewayConnection connection,
            Function<ArtifactDirectory, Standing> standing) {
        DirectoryPush push = push(work, connection);
        Hydration hydration = new Hydration(work, identity, settings.worldSize(), connection, push);
        ReentrantLock large = new ReentrantLock(true);
        List<ArtifactSync> syncs = new ArrayList<>();
        sources.directories()
                .forEach((artifact, directory) -> syncs.add(new ArtifactSync(
                        artifact,
                        request(artifact, directory, identity)
                                .withFiles(artifact == ArtifactDirectory.LOGS ? sources.logFiles() : Map.of()),
                        push,
                        hydration,
                        hooks(work, artifact),
                        cutting(artifact, identity, connection),
                        standing.apply(artifact),
                        settings.worldSize() > 1,
                        artifact.large() ? large : new ReentrantLock())));
        return syncs;
    }

    private Optional<Cutting> cutting(ArtifactDirectory artifact, Identity identity, GatewayConnection connection) {
        return settings.cutDeadline(artifact)
                .map(deadline -> new Cutting(
                        connection, identity.artifact(artifact), settings.rank(), settings.worldSize(), deadline));
    }

    private DirectoryPush push(WorkDirectory work, GatewayConnection connection) {
        return new DirectoryPush(
                connection, work.state().resolve("push"), settings.limits().rate());
    }

    private Hooks hooks(WorkDirectory work, ArtifactDirectory artifact) {
        AgentSettings.HookCommands commands =
                artifact == ArtifactDirectory.CRUD ? settings.crudHooks() : AgentSettings.HookCommands.NONE;
        return new Hooks(
                commands.before(),
                commands.after(),
                commands.limit(),
                work.state(),
                artifact.type(),
                sentence -> listener.message("warning: " + artifact.type() + ": " + sentence));
    }

    /** Says how an artifact is pushed: what is selected, and what belongs to the push besides the files. */
    private PushRequest request(ArtifactDirectory artifact, Path directory, Identity identity) {
        return PushRequest.of(directory, identity.artifact(artifact))
                .withRules(
                        switch (artifact) {
                            case CHECKPOINTS -> settings.checkpointRules();
                            case LOGS -> SelectionRules.APPENDED;
                            case LOSSY, CRUD -> SelectionRules.EVERYTHING;
                        })
                .withWriter(settings.rank())
                .withMemory(artifact.large() ? LARGE_MEMORY : PushRequest.LEAST_MEMORY);
    }

    private void start(
            Map<ArtifactDirectory, Cadence> cadences, List<ArtifactSync> syncs, StatusBoard board, boolean atOnce) {
        for (ArtifactSync sync : syncs) {
            Duration period = settings.period(sync.artifact());
            Cadence cadence = new Cadence(sync.artifact().type(), period, atOnce, () -> sync.nextTick(period), last -> {
                SyncOutcome outcome = sync.run(last ? lastWriters : PushRequest.Writers.JOB);
                board.cycleEnded(sync, outcome);
                return outcome;
            });
            sync.whenBehind(cadence::prompt);
            cadences.put(sync.artifact(), cadence);
        }
    }

    private static int endedEarly(Signals signals) throws InterruptedException {
        var _ = signals.waitPatiently();
        @Nullable String signal = signals.next(0);
        while (signal != null && !Signals.ends(signal)) {
            // What it asked for ends with the agent.
            signal = signals.next(0);
        }
        return Signals.exitCode(signal == null ? "TERM" : signal);
    }
}
