package dev.tidegate.agent.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.agent.SelectionRules;
import dev.tidegate.client.GatewayAddress;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The socket on which an agent is asked. */
final class ControlServerTest {

    /** More than are answered at one time. */
    private static final int FAILURES = 20;

    @TempDir
    private Path directory;

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void itAnswersOnceItCanAcceptAgain() throws IOException {
        try (WorkDirectory work = WorkDirectory.open(directory)) {
            // Given a process that has too many files open for a while
            Path socket = work.state().resolve("control.sock");
            ScarceListener listener = new ScarceListener();
            listener.bind(UnixDomainSocketAddress.of(socket));
            Path pointer = Files.writeString(work.state().resolve(ControlServer.FILE), socket.toString());
            AgentSettings settings = new AgentSettings(
                    directory,
                    "run",
                    0,
                    1,
                    Map.of(),
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    SelectionRules.CHECKPOINTS,
                    AgentSettings.HookCommands.NONE,
                    AgentSettings.Cuts.DEFAULT,
                    AgentSettings.Limits.NONE,
                    Optional.empty());
            Identity identity = new Identity("run", "exp_1", 0, GatewayAddress.parse("localhost"), Map.of());
            try (StatusBoard board = new StatusBoard(work, settings, identity, List.of(), _ -> {});
                    ControlServer server = new ControlServer(listener, socket, false, pointer, board, Map.of())) {
                Thread.ofPlatform().daemon().start(server::accept);

                // When
                AgentClient.Answer answer = new AgentClient(directory).status();

                // Then
                assertThat(answer.alive()).isTrue();
                assertThat(listener.accepts).hasValueGreaterThan(FAILURES);
            }
        }
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void whoeverAsksAnAgentThatDoesNotAnswerIsToldWhatToDo() throws IOException {
        try (WorkDirectory work = WorkDirectory.open(directory);
                ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            // Given a socket on which nobody answers
            Path socket = work.state().resolve("control.sock");
            silent.bind(UnixDomainSocketAddress.of(socket));
            Files.writeString(work.state().resolve(ControlServer.FILE), socket.toString());

            // Then
            AgentClient client = new AgentClient(directory, Duration.ofMillis(100));
            assertThatThrownBy(client::status)
                    .isInstanceOf(AgentException.class)
                    .hasMessageContaining("has not answered")
                    .hasMessageContaining("kill -QUIT");
        }
    }

    /** Fails to accept for a while. */
    private static final class ScarceListener extends ServerSocketChannel {

        private final ServerSocketChannel sockets = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        private final AtomicInteger accepts = new AtomicInteger();

        ScarceListener() throws IOException {
            super(SelectorProvider.provider());
        }

        @Override
        public SocketChannel accept() throws IOException {
            if (accepts.getAndIncrement() < FAILURES) {
                throw new SocketException("Too many open files");
            }
            return sockets.accept();
        }

        @Override
        public ServerSocketChannel bind(SocketAddress local, int backlog) throws IOException {
            sockets.bind(local, backlog);
            return this;
        }

        @Override
        protected void implCloseSelectableChannel() throws IOException {
            sockets.close();
        }

        @Override
        public <T> ServerSocketChannel setOption(SocketOption<T> name, T value) {
            throw new UnsupportedOperationException();
        }

        @Override
        public <T> T getOption(SocketOption<T> name) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Set<SocketOption<?>> supportedOptions() {
            throw new UnsupportedOperationException();
        }

        @Override
        public ServerSocket socket() {
            throw new UnsupportedOperationException();
        }

        @Override
        public SocketAddress getLocalAddress() {
            throw new UnsupportedOperationException();
        }

        @Override
        protected void implConfigureBlocking(boolean block) {
            throw new UnsupportedOperationException();
        }
    }
}
