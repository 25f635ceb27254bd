package dev.tidegate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an agent tells, whoever reads it. */
final class AgentMessagesTest {

    private final ByteArrayOutputStream read = new ByteArrayOutputStream();

    @Test
    void allIsWrittenInItsOrderBeforeTheEnd() {
        try (AgentMessages messages = new AgentMessages(new PrintWriter(read, true, StandardCharsets.UTF_8))) {
            messages.message("one");
            messages.message("two\nlines");
        }
        assertThat(read.toString(StandardCharsets.UTF_8).lines())
                .containsExactly("tidegate: one", "tidegate: two\\nlines");
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void whoeverTellsDoesNotWaitForWhoeverReads() {
        // Given somebody who does not read
        CountDownLatch reads = new CountDownLatch(1);
        CountDownLatch blocked = new CountDownLatch(1);
        PrintWriter err = new PrintWriter(new Unread(reads, blocked), true, StandardCharsets.UTF_8);
        AgentMessages messages = new AgentMessages(err);

        // When more is told than is kept, and the agent ends
        messages.message("first");
        await(blocked);
        for (int i = 1; i <= AgentMessages.CAPACITY + 3; i++) {
            messages.message("message " + i);
        }
        messages.close();
        assertThat(read.size()).isZero();

        // Then, once somebody reads, the newest are there, and how many are not
        reads.countDown();
        messages.close();
        assertThat(read.toString(StandardCharsets.UTF_8).lines())
                .hasSize(AgentMessages.CAPACITY + 2)
                .startsWith(
                        "tidegate: first",
                        "tidegate: 3 messages are left out here, because nobody read them",
                        "tidegate: message 4")
                .endsWith("tidegate: message " + (AgentMessages.CAPACITY + 3));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** A pipe that is full until it is read. */
    private final class Unread extends OutputStream {

        private final CountDownLatch reads;
        private final CountDownLatch blocked;

        private Unread(CountDownLatch reads, CountDownLatch blocked) {
            this.reads = reads;
            this.blocked = blocked;
        }

        @Override
        public void write(int one) {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            blocked.countDown();
            await(reads);
            read.write(bytes, offset, length);
        }
    }
}
