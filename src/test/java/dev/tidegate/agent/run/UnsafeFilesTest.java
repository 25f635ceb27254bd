package dev.tidegate.agent.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person is told to do about what is not safe. */
final class UnsafeFilesTest {

    private static final SyncOutcome AWAY =
            new SyncOutcome.Failed("cannot reach the gateway", SyncOutcome.Cause.GATEWAY_AWAY);

    @TempDir
    private Path directory;

    @Test
    void theGatewayIsWaitedForWhereItAloneIsTheReason() throws IOException {
        assertThat(told(AWAY, AWAY).getLast())
                .endsWith(", and run when the gateway can be reached: tidegate agent drain --work-dir " + directory);
    }

    @Test
    void whatElseIsTheReasonIsToBeSeenTo() throws IOException {
        // Given
        SyncOutcome absent = new SyncOutcome.Failed("/data does not exist", SyncOutcome.Cause.DIRECTORY_ABSENT);

        // When
        List<String> told = told(AWAY, absent);

        // Then
        assertThat(told)
                .startsWith("not safe: checkpoints: cannot reach the gateway", "not safe: crud: /data does not exist");
        assertThat(told.getLast())
                .startsWith("not all is safe: keep what there is")
                .endsWith(", see to the reasons above, and run: tidegate agent drain --work-dir " + directory);
    }

    private List<String> told(SyncOutcome checkpoints, SyncOutcome crud) throws IOException {
        List<String> told = new ArrayList<>();
        try (WorkDirectory work = WorkDirectory.open(directory);
                UnsafeFiles unsafe = UnsafeFiles.in(work)) {
            unsafe.add(ArtifactDirectory.CHECKPOINTS, checkpoints);
            unsafe.add(ArtifactDirectory.CRUD, crud);
            unsafe.tell(told::add);
        }
        return told;
    }
}
