package dev.tidegate.gateway.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.catalog.Artifact;
import dev.tidegate.catalog.ArtifactId;
import dev.tidegate.catalog.ArtifactType;
import dev.tidegate.catalog.ExperimentId;
import dev.tidegate.catalog.PushCost;
import dev.tidegate.catalog.Snapshot;
import dev.tidegate.catalog.SnapshotId;
import dev.tidegate.content.Digest;
import dev.tidegate.manifest.TreeStatistics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** A watch whose reader takes things in its own time. */
class SlowWatchTest {

    private static final int LOOK = 3;

    private static final Artifact ARTIFACT = new Artifact(
            new ArtifactId(new UUID(1, 2)), new ExperimentId(new UUID(3, 4)), ArtifactType.LOSSY, 65_536, 0);

    private final List<Long> sent = new ArrayList<>();
    private long published;
    private int takes;
    private int looks;
    private int forgotten;
    private boolean ended;

    private final Watch.Sink sink = new Watch.Sink() {
        @Override
        public boolean isReady() {
            return takes > 0;
        }

        @Override
        public void send(Snapshot snapshot) {
            takes--;
            sent.add(snapshot.id().number());
        }

        @Override
        public void failed(Throwable failure) {
            ended = true;
        }

        @Override
        public void stopped() {
            ended = true;
        }
    };

    /** Answers at once, in the thread that asks. */
    private final Watch.Host host = new Watch.Host() {
        @Override
        public void look(Watch watch) {
            looks++;
            if (watch.newestOnly()) {
                watch.looked(published > watch.after() ? List.of(snapshot(published)) : List.of(), false);
            } else {
                long to = Math.min(published, watch.after() + LOOK);
                List<Snapshot> found = LongStream.rangeClosed(watch.after() + 1, to)
                        .mapToObj(SlowWatchTest::snapshot)
                        .toList();
                watch.looked(found, found.size() == LOOK);
            }
        }

        @Override
        public void forget(Watch watch) {
            forgotten++;
        }
    };

    private static Snapshot snapshot(long number) {
        return new Snapshot(
                new SnapshotId(ARTIFACT.id(), number),
                new Digest(0, 0, 0, number),
                Instant.EPOCH,
                new TreeStatistics(0, 0, 0, 0),
                PushCost.NONE,
                List.of(),
                0,
                1,
                Optional.empty(),
                List.of(),
                0,
                0,
                0);
    }

    private void publish(Watch watch, int count) {
        for (int i = 0; i < count; i++) {
            published++;
            watch.published();
        }
    }

    private void take(Watch watch, int count) {
        takes += count;
        watch.wake();
    }

    @Test
    void costsNothingWhileItsReaderTakesNothing() {
        Watch watch = new Watch(host, ARTIFACT, 0, false, sink);
        publish(watch, 1_000);
        assertThat(looks).isZero();
        take(watch, 4);
        assertThat(sent).containsExactly(1L, 2L, 3L, 4L);
        assertThat(looks).isEqualTo(2);
    }

    @Test
    void givesEverythingInItsOrder() {
        Watch watch = new Watch(host, ARTIFACT, 5, false, sink);
        published = 5;
        for (int round = 0; round < 50; round++) {
            publish(watch, round % 7);
            take(watch, round % 5);
        }
        take(watch, 1_000);
        assertThat(sent)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(6, published).boxed().toList());
    }

    @Test
    void passesOverWhatHasBeenOvertakenIfThatIsAsked() {
        Watch watch = new Watch(host, ARTIFACT, 0, true, sink);
        publish(watch, 10);
        take(watch, 1);
        publish(watch, 10);
        publish(watch, 10);
        take(watch, 5);
        assertThat(sent).containsExactly(10L, 30L);
    }

    @Test
    void endsOnce() {
        Watch watch = new Watch(host, ARTIFACT, 0, false, sink);
        watch.stopped();
        watch.failed(new IllegalStateException("late"));
        watch.close();
        publish(watch, 1);
        take(watch, 1);
        assertThat(ended).isTrue();
        assertThat(forgotten).isEqualTo(1);
        assertThat(sent).isEmpty();
    }
}
