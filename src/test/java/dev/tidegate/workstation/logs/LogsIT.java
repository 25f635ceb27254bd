package dev.tidegate.workstation.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Timestamp;
import dev.tidegate.agent.DirectoryPush;
import dev.tidegate.agent.PushListener;
import dev.tidegate.agent.PushRequest;
import dev.tidegate.client.CallInterruptedException;
import dev.tidegate.client.GatewayAddress;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.RetryPolicy;
import dev.tidegate.testing.GatewayProcess;
import dev.tidegate.testing.Ports;
import dev.tidegate.testing.SeededRandom;
import dev.tidegate.testing.TidegateCommandLine;
import dev.tidegate.testing.TidegateCommandLine.Running;
import dev.tidegate.v1.Snapshot;
import dev.tidegate.workstation.NoSuchEntryException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Logs read back from a real gateway. */
class LogsIT {

    @TempDir
    private Path directory;

    private Path logs;
    private GatewayProcess gateway;
    private GatewayConnection connection;
    private String experiment;
    private int snapshots;

    @BeforeEach
    void start(TestInfo test) throws IOException {
        logs = Files.createDirectory(directory.resolve("logs"));
        gateway = GatewayProcess.on(Files.createDirectory(directory.resolve("gateway")))
                .withOptions("--grpc-port", Integer.toString(Ports.free()))
                .start();
        connection = GatewayConnection.open(address(), RetryPolicy.PATIENT);
        experiment = connection
                .experiments()
                .create(test.getTestMethod().orElseThrow().getName(), Optional.empty())
                .getId();
    }

    @AfterEach
    void stop() {
        connection.close();
        gateway.close();
    }

    private GatewayAddress address() {
        return new GatewayAddress("127.0.0.1", gateway.grpcPort());
    }

    private Instant push() throws IOException {
        Snapshot snapshot = new DirectoryPush(connection, directory.resolve("cache"))
                .run(PushRequest.of(logs, experiment + "/logs"), PushListener.NONE)
                .snapshot();
        snapshots++;
        assertThat(snapshot.getNumber()).isEqualTo(snapshots);
        Timestamp time = snapshot.getCreateTime();
        return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
    }

    private void append(int rank, String text) throws IOException {
        Files.writeString(
                logs.resolve("rank_" + rank + ".txt"), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** What came, rank by rank and in its order. */
    private static final class Collected implements LogSink {

        /** A part that came in one snapshot of one rank. */
        record Part(int rank, String text) {}

        private final List<Part> parts = new ArrayList<>();
        private volatile boolean caughtUp;

        @Override
        public synchronized OutputStream of(int rank, Snapshot snapshot) {
            return new OutputStream() {
                @Override
                public void write(int b) {
                    write(new byte[] {(byte) b}, 0, 1);
                }

                @Override
                public void write(byte[] bytes, int offset, int count) {
                    add(new Part(rank, new String(bytes, offset, count, StandardCharsets.ISO_8859_1)));
                }
            };
        }

        /** Parts that follow each other and are of one rank are one. */
        synchronized void add(Part part) {
            if (!parts.isEmpty() && parts.getLast().rank() == part.rank()) {
                parts.add(new Part(part.rank(), parts.removeLast().text() + part.text()));
            } else if (!part.text().isEmpty()) {
                parts.add(part);
            }
        }

        @Override
        public synchronized void beganAnew(int rank) {
            parts.add(new Part(-1 - rank, ""));
        }

        @Override
        public void caughtUp() {
            caughtUp = true;
        }

        synchronized List<Part> parts() {
            return List.copyOf(parts);
        }
    }

    /** What was printed: the line of that number, from 0, of its rank. */
    private record Line(int rank, int number, String text) {}

    private List<Collected.Part> read(LogBegin begin, Integer... ranks) throws IOException {
        Collected collected = new Collected();
        new LogReader(connection, experiment + "/logs", Set.of(ranks), collected).read(begin);
        return collected.parts();
    }

    @Test
    void interleavesRanksAsTheyWerePublished(@SeededRandom Random random) throws Exception {
        // Given three ranks that print now and then, and each line's place in what is shown
        List<Line> shown = new ArrayList<>();
        List<Instant> published = new ArrayList<>();
        List<Integer> shownBefore = new ArrayList<>();
        int[] numbers = new int[3];
        int steps = 20 + random.nextInt(60);
        for (int step = 0; step < steps; step++) {
            shownBefore.add(shown.size());
            for (int rank = 0; rank < 3; rank++) {
                // The first prints always, so that each step is a snapshot.
                int count = rank == 0 ? 1 + random.nextInt(3) : random.nextInt(4);
                for (int i = 0; i < count; i++) {
                    String text = "rank " + rank + " line " + numbers[rank] + "x".repeat(random.nextInt(90)) + "\n";
                    shown.add(new Line(rank, numbers[rank]++, text));
                    append(rank, text);
                }
            }
            published.add(push());
        }
        shownBefore.add(shown.size());

        // Then all of it is there, in that order
        assertThat(read(new LogBegin.All())).isEqualTo(parts(shown, line -> true));

        // and what was published after a time
        int since = random.nextInt(steps);
        List<Line> after = shown.subList(shownBefore.get(since + 1), shown.size());
        assertThat(read(new LogBegin.Since(published.get(since)))).isEqualTo(parts(after, line -> true));
        assertThat(read(new LogBegin.Since(published.getFirst().minusSeconds(60))))
                .isEqualTo(parts(shown, line -> true));

        // and the last lines of each rank
        for (int last : new int[] {0, 1, 2 + random.nextInt(40), 10_000}) {
            assertThat(read(new LogBegin.Last(last)))
                    .isEqualTo(parts(shown, line -> line.number() >= numbers[line.rank()] - last));
        }

        // and one rank alone
        assertThat(read(new LogBegin.All(), 1)).isEqualTo(parts(shown, line -> line.rank() == 1));
        assertThat(read(new LogBegin.Last(3), 1))
                .isEqualTo(parts(shown, line -> line.rank() == 1 && line.number() >= numbers[1] - 3));
        assertThat(read(new LogBegin.Since(published.get(since)), 1)).isEqualTo(parts(after, line -> line.rank() == 1));
    }

    private static List<Collected.Part> parts(List<Line> lines, Predicate<Line> wanted) {
        Collected collected = new Collected();
        lines.stream().filter(wanted).forEach(line -> collected.add(new Collected.Part(line.rank(), line.text())));
        return collected.parts();
    }

    @Test
    void largeLogsComeWhole(@SeededRandom Random random) throws IOException {
        Map<Integer, ByteArrayOutputStream> expected = new TreeMap<>();
        for (int step = 0; step < 3; step++) {
            for (int rank = 0; rank < 3; rank++) {
                byte[] bytes = new byte[1 + random.nextInt(6 << 20)];
                random.nextBytes(bytes);
                Files.write(
                        logs.resolve("rank_" + rank + ".txt"),
                        bytes,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND);
                expected.computeIfAbsent(rank, _ -> new ByteArrayOutputStream()).writeBytes(bytes);
            }
            push();
        }

        Map<Integer, ByteArrayOutputStream> found = new TreeMap<>();
        new LogReader(connection, experiment + "/logs", Set.of(), new LogSink() {
                    @Override
                    public OutputStream of(int rank, Snapshot snapshot) {
                        return found.computeIfAbsent(rank, _ -> new ByteArrayOutputStream());
                    }

                    @Override
                    public void beganAnew(int rank) {
                        throw new AssertionError(rank);
                    }

                    @Override
                    public void caughtUp() {}
                })
                .read(new LogBegin.All());

        assertThat(found.keySet()).isEqualTo(expected.keySet());
        expected.forEach((rank, bytes) -> assertThat(
                        found.getOrDefault(rank, new ByteArrayOutputStream()).toByteArray())
                .isEqualTo(bytes.toByteArray()));
    }

    @Test
    void aLogThatBeganAnewIsReadFromItsFirstByte() throws IOException {
        append(0, "one\n");
        append(1, "here\n");
        push();
        Files.delete(logs.resolve("rank_0.txt"));
        append(0, "2\n");
        push();
        Files.delete(logs.resolve("rank_0.txt"));
        push();
        append(0, "three\n");
        push();

        assertThat(read(new LogBegin.All()))
                .containsExactly(
                        new Collected.Part(0, "one\n"),
                        new Collected.Part(1, "here\n"),
                        new Collected.Part(-1, ""),
                        new Collected.Part(0, "2\n"),
                        new Collected.Part(-1, ""),
                        new Collected.Part(0, "three\n"));
    }

    @Test
    void aLogThatBeganAnewLosesNoLineAndShowsNoneOfBefore() throws Exception {
        // Given a log that is long, is begun anew and grows, and another that only grows
        String old = "old line\n".repeat(100);
        append(0, old);
        append(1, "a\n");
        Instant before = push();
        append(1, "b\n");
        push();
        Files.delete(logs.resolve("rank_0.txt"));
        append(0, "1\n2\n");
        append(1, "c\n");
        push();
        append(0, "3\n");
        push();
        Collected.Part cut = new Collected.Part(-1, "");

        // When all is shown from a time on, then both logs' lines are there
        assertThat(read(new LogBegin.Since(before)))
                .containsExactly(part(1, "b\n"), cut, part(0, "1\n2\n"), part(1, "c\n"), part(0, "3\n"));
        assertThat(read(new LogBegin.Since(before), 0)).containsExactly(cut, part(0, "1\n2\n3\n"));
        assertThat(read(new LogBegin.Since(before), 1)).containsExactly(part(1, "b\nc\n"));

        // and when the last lines are shown, then they are those of the newest log
        assertThat(read(new LogBegin.Last(2)))
                .containsExactly(part(1, "b\n"), part(0, "2\n"), part(1, "c\n"), part(0, "3\n"));
        assertThat(read(new LogBegin.Last(2), 0)).containsExactly(part(0, "2\n3\n"));
        assertThat(read(new LogBegin.Last(20)))
                .containsExactly(part(1, "a\nb\n"), part(0, "1\n2\n"), part(1, "c\n"), part(0, "3\n"));
        assertThat(read(new LogBegin.All(), 0)).containsExactly(part(0, "1\n2\n3\n"));

        // and whoever follows sees all that comes, also when it is begun anew again
        Collected since = new Collected();
        Collected sinceOfOne = new Collected();
        Collected last = new Collected();
        Collected lastOfOne = new Collected();
        List<Thread> followers = List.of(
                follow(new LogBegin.Since(before), since),
                follow(new LogBegin.Since(before), sinceOfOne, 0),
                follow(new LogBegin.Last(1), last),
                follow(new LogBegin.Last(1), lastOfOne, 0));
        Files.delete(logs.resolve("rank_0.txt"));
        append(0, "4\n");
        push();
        eventually(since, part(1, "b\n"), cut, part(0, "1\n2\n"), part(1, "c\n"), part(0, "3\n"), cut, part(0, "4\n"));
        eventually(sinceOfOne, cut, part(0, "1\n2\n3\n"), cut, part(0, "4\n"));
        eventually(last, part(1, "c\n"), part(0, "3\n"), cut, part(0, "4\n"));
        eventually(lastOfOne, part(0, "3\n"), cut, part(0, "4\n"));
        followers.forEach(Thread::interrupt);
        for (Thread follower : followers) {
            follower.join();
        }
    }

    @Test
    void whoFollowsIsShownWhatThereIsHoweverManySnapshotsItTook() throws Exception {
        // As many as are looked at at a time, so that none is left over.
        StringBuilder lines = new StringBuilder();
        for (int line = 0; line < 64; line++) {
            append(0, line + "\n");
            lines.append(line).append('\n');
            push();
        }
        Collected collected = new Collected();
        Thread follower = follow(new LogBegin.All(), collected);
        eventually(collected, part(0, lines.toString()));
        follower.interrupt();
        follower.join();
    }

    /** Begins to follow; what comes from the next push on is no part of the beginning. */
    private Thread follow(LogBegin begin, Collected collected, Integer... ranks) {
        LogReader reader = new LogReader(connection, experiment + "/logs", Set.of(ranks), collected);
        Thread follower = Thread.ofVirtual().start(() -> {
            try {
                reader.follow(begin);
            } catch (CallInterruptedException | IOException ended) {
                // As it is to be.
            }
        });
        await().until(() -> collected.caughtUp);
        return follower;
    }

    private static void eventually(Collected collected, Collected.Part... parts) {
        await().untilAsserted(() -> assertThat(collected.parts()).containsExactly(parts));
    }

    private static Collected.Part part(int rank, String text) {
        return new Collected.Part(rank, text);
    }

    /** Logs that are begun anew, vanish and come again, read in every way. */
    @Test
    void logsThatBeginAnewNowAndThenAreReadAsTheyWerePublished(@SeededRandom Random random) throws IOException {
        // Given
        List<Event> events = new ArrayList<>();
        List<Instant> published = new ArrayList<>();
        int[] generations = new int[3];
        int steps = 30 + random.nextInt(30);
        for (int step = 0; step < steps; step++) {
            // The last one is there always, so that each step is a snapshot.
            append(2, "step " + step + "\n");
            for (int rank = 0; rank < 2; rank++) {
                Path file = logs.resolve("rank_" + rank + ".txt");
                int what = random.nextInt(10);
                if (what < 2 && Files.exists(file)) {
                    events.add(new Event(step, rank, generations[rank]++, ""));
                    long size = Files.size(file);
                    Files.delete(file);
                    if (what == 1 && size > 2) {
                        Files.writeString(file, step % 10 + "\n");
                        events.add(new Event(step, rank, generations[rank], step % 10 + "\n"));
                    }
                } else if (what < 6) {
                    for (int line = random.nextInt(3); line >= 0; line--) {
                        String text = step + " " + line + "x".repeat(random.nextInt(90)) + "\n";
                        append(rank, text);
                        events.add(new Event(step, rank, generations[rank], text));
                    }
                }
            }
            events.add(new Event(step, 2, 0, "step " + step + "\n"));
            published.add(push());
        }

        // Then all of it is there, and of one rank the newest
        assertThat(read(new LogBegin.All())).isEqualTo(shown(events.stream()));
        for (Integer[] ranks : new Integer[][] {{}, {0}, {1}}) {
            if (ranks.length == 1 && !Files.exists(logs.resolve("rank_" + ranks[0] + ".txt"))) {
                continue;
            }
            List<Event> all = events.stream()
                    .filter(event -> ranks.length == 0 || ranks[0] == event.rank())
                    .toList();
            if (ranks.length == 1) {
                assertThat(read(new LogBegin.All(), ranks)).isEqualTo(shown(last(all, generations, 10_000)));
            }

            // and what was published after a time
            int since = random.nextInt(steps);
            assertThat(read(new LogBegin.Since(published.get(since)), ranks))
                    .isEqualTo(shown(all.stream().filter(event -> event.step() > since)));

            // and the last lines of each that is there
            for (int lines : new int[] {0, 1, 2 + random.nextInt(10), 10_000}) {
                assertThat(read(new LogBegin.Last(lines), ranks)).isEqualTo(shown(last(all, generations, lines)));
            }
        }
    }

    /** A line of a log, or no text: that its log is no more. */
    private record Event(int step, int rank, int generation, String text) {}

    private static Stream<Event> last(List<Event> events, int[] generations, int lines) {
        Set<Event> last = new HashSet<>();
        int[] left = {lines, lines, lines};
        for (Event event : events.reversed()) {
            int rank = event.rank();
            if (event.generation() == generations[rank] && !event.text().isEmpty() && left[rank]-- > 0) {
                last.add(event);
            }
        }
        return events.stream().filter(last::contains);
    }

    private static List<Collected.Part> shown(Stream<Event> events) {
        Collected collected = new Collected();
        events.forEach(event -> {
            if (event.text().isEmpty()) {
                collected.beganAnew(event.rank());
            } else {
                collected.add(part(event.rank(), event.text()));
            }
        });
        return collected.parts();
    }

    @Test
    void whatIsNotThereIsSaid() throws IOException {
        assertThat(new LogReader(connection, experiment + "/logs", Set.of(), new Collected()).read(new LogBegin.All()))
                .isFalse();

        Files.writeString(logs.resolve("train.log"), "x\n");
        push();
        assertThatThrownBy(() -> read(new LogBegin.All()))
                .isInstanceOf(NoSuchEntryException.class)
                .hasMessageContaining(
                        "has no rank_N.txt, it has train.log; what is no rank's log is read by: tidegate cat art_")
                .hasMessageEndingWith(" train.log");

        append(0, "x\n");
        push();
        assertThatThrownBy(() -> read(new LogBegin.All(), 3))
                .isInstanceOf(NoSuchEntryException.class)
                .hasMessageContaining("has no rank_3.txt, it has rank_0.txt, train.log");
    }

    /** Three agents print 10 MB/s each; what one who follows sees is whole, and timely, though the gateway restarts. */
    @Test
    void followingLosesNoLine() throws Exception {
        // Given
        TidegateCommandLine tidegate = new TidegateCommandLine(Files.createDirectory(directory.resolve("commands")))
                .withEnvironment("TIDEGATE_GATEWAY", address().toString());
        String job = "i=0; while [ $i -lt 30 ]; do i=$((i+1));"
                + " awk -v n=$i -v r=$RANK 'BEGIN{for(j=0;j<10000;j++) printf \"rank %d line %d %d %080d\\n\",r,n,j,j}';"
                + " sleep 0.05; done";
        Running follower = tidegate.start("logs", experiment, "--follow");
        List<Running> agents = new ArrayList<>();

        // When
        for (int rank = 0; rank < 3; rank++) {
            agents.add(tidegate.withEnvironment("RANK", Integer.toString(rank))
                    .start(
                            "agent",
                            "run",
                            "--experiment",
                            experiment,
                            "--rank",
                            rank,
                            "--work-dir",
                            directory.resolve("work" + rank),
                            "--sync-logs",
                            "2s",
                            "--",
                            "sh",
                            "-c",
                            job));
        }
        Path seen = follower.out();
        await().atMost(Duration.ofSeconds(60)).until(() -> Files.size(seen) > 10 << 20);
        gateway.killHard();
        gateway.start();
        for (Running agent : agents) {
            assertThat(agent.await().code()).isZero();
        }
        long ended = System.nanoTime();
        long expected = IntStream.range(0, 3)
                .mapToLong(rank -> directory
                                .resolve("work" + rank + "/logs/rank_" + rank + ".txt")
                                .toFile()
                                .length()
                        + 4L * 300_000)
                .sum();
        await().atMost(Duration.ofSeconds(30)).until(() -> Files.size(seen) >= expected);
        System.out.println("LogsIT: the last line was shown "
                + Duration.ofNanos(System.nanoTime() - ended).toMillis() + " ms after the agents had ended");
        follower.process().destroy();

        // Then
        assertThat(follower.await().code()).isEqualTo(143);
        assertThat(Files.size(seen)).isEqualTo(expected);
        for (int rank = 0; rank < 3; rank++) {
            String prefix = "[" + rank + "] ";
            try (var lines = Files.lines(seen);
                    var printed = Files.lines(directory.resolve("work" + rank + "/logs/rank_" + rank + ".txt"))) {
                var shown = lines.filter(line -> line.startsWith(prefix))
                        .map(line -> line.substring(prefix.length()))
                        .iterator();
                var all = printed.iterator();
                while (all.hasNext()) {
                    assertThat(shown.next()).isEqualTo(all.next());
                }
                assertThat(shown.hasNext()).isFalse();
            }
        }
    }
}
