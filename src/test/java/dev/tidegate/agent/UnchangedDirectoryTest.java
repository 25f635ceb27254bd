package dev.tidegate.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What need not be pushed. */
class UnchangedDirectoryTest extends SelectionTests {

    @Test
    void anUnchangedDirectoryIsToldWithoutTheGateway() throws Exception {
        // Given
        write("m_checkpoint_1/a", "1");
        point("m.latest_checkpoint", "m_checkpoint_1");
        write("latest", "global_step1");
        write("global_step1/x", "x");
        write("plain", "plain");
        settle();
        PushRequest request = PushRequest.of(source, "art_1").withRules(RULES);
        DirectoryPush push = new DirectoryPush(connection, temporary.resolve("cache"));
        assertThat(push.isUnchanged(request)).isFalse();
        push.run(request, PushListener.NONE);
        int calls = gateway.calls("GetArtifact");

        // When, then
        assertThat(push.isUnchanged(request)).isTrue();
        write("m_checkpoint_2/half", "2");
        assertThat(push.isUnchanged(request)).as("nothing that counts").isTrue();
        assertThat(push.isUnchanged(request.withRules(RULES.withLatestOnly(true))))
                .as("other rules")
                .isFalse();
        List<Change> changes = List.of(
                () -> write("plain", "other"),
                () -> write("additional", ""),
                () -> Files.createDirectory(source.resolve("empty")),
                () -> point("link", "plain"),
                () -> repoint("m.latest_checkpoint", "m_checkpoint_2"),
                () -> delete("global_step1"),
                () -> delete("plain"));
        for (Change change : changes) {
            change.make();
            assertThat(push.isUnchanged(request)).isFalse();
            settle();
            push.run(request, PushListener.NONE);
        }
        assertThat(gateway.calls("GetArtifact")).isEqualTo(calls + changes.size());
    }

    private interface Change {
        void make() throws Exception;
    }
}
