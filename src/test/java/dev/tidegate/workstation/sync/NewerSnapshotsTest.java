package dev.tidegate.workstation.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.v1.Snapshot;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NewerSnapshotsTest {

    private final NewerSnapshots newer = new NewerSnapshots();

    private static SyncTarget target(String artifact, long number) {
        return new SyncTarget(
                artifact,
                artifact,
                Optional.of(Snapshot.newBuilder().setNumber(number).build()),
                Path.of(artifact));
    }

    @Test
    void whatIsOvertakenIsNotTaken() throws InterruptedException {
        newer.put(target("one", 1));
        newer.put(target("other", 7));
        newer.put(target("one", 2));
        newer.put(target("one", 3));

        assertThat(newer.take()).isEqualTo(target("one", 3));
        newer.put(target("one", 4));
        assertThat(newer.take()).isEqualTo(target("other", 7));
        assertThat(newer.take()).isEqualTo(target("one", 4));
    }

    @Test
    void aFailureComesWhenNothingWaitsAnyMore() throws InterruptedException {
        newer.put(target("one", 1));
        newer.fail(new IllegalStateException("away"));

        assertThat(newer.take()).isEqualTo(target("one", 1));
        assertThatThrownBy(newer::take).hasMessage("away");
    }
}
