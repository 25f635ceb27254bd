package dev.tidegate.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tidegate.testing.RawHttp2;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server of which nobody reads what comes. */
@Timeout(60)
class ReceiveWindowsTest {

    private static final String STREAMING = "test.Service/Stream";
    private static final String OTHER = "test.Service/Other";
    private static final long MEMORY = 16 << 20;

    private final List<RawHttp2> clients = new ArrayList<>();
    private Server server;

    @BeforeEach
    void start() throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        server = LargeFrames.onServer(NettyServerBuilder.forAddress(address), new ReceiveWindows(STREAMING, MEMORY))
                .addService(ServerServiceDefinition.builder("test.Service")
                        .addMethod(method(STREAMING), (_, _) -> new ServerCall.Listener<>() {})
                        .addMethod(method(OTHER), (_, _) -> new ServerCall.Listener<>() {})
                        .build())
                .build()
                .start();
    }

    @AfterEach
    void stop() throws Exception {
        for (RawHttp2 client : clients) {
            client.close();
        }
        server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    }

    @Test
    void callsThatBringManyBytesMayHaveSentMore() throws Exception {
        // Given
        RawHttp2 client = connect();
        byte[] much = new byte[10 << 20];

        // When, then: of what nobody reads so much comes
        assertThat(client.send(client.call(OTHER), much, 500)).isEqualTo(ReceiveWindows.LEAST);
        assertThat(client.send(client.call(STREAMING), much, 500)).isEqualTo(ReceiveWindows.MOST);
    }

    @Test
    void theyAllHaveTheSamePart() throws Exception {
        // Given one that has sent what it may
        RawHttp2 first = connect();
        int call = first.call(STREAMING);
        assertThat(first.send(call, new byte[10 << 20], 500)).isEqualTo(ReceiveWindows.MOST);

        // When there are eight others, on connections of their own or on one
        RawHttp2 together = connect();
        for (int i = 0; i < 6; i++) {
            together.call(STREAMING);
        }
        int eighth = together.call(STREAMING);
        await().until(() -> together.window(eighth) == 2 << 20);
        RawHttp2 last = connect();
        int ninth = last.call(STREAMING);

        // Then each of nine has 1 MiB
        await().during(Duration.ofMillis(200)).until(() -> last.window(ninth) == 1 << 20);

        assertThat(first.window(call)).isZero();

        // When all but one are gone, then that has what it would have alone
        first.close();
        together.close();
        await().until(() -> last.window(ninth) == ReceiveWindows.MOST);
    }

    @Test
    void framesOfAByteAreNotTakenWithoutEnd() throws Exception {
        // Given
        RawHttp2 client = connect();
        int call = client.call(STREAMING);
        byte[] one = new byte[1];
        for (int i = 0; i < ReceiveWindows.MOST_FRAMES; i++) {
            client.send(call, one, 10_000);
        }
        await().during(Duration.ofMillis(500)).until(() -> client.ended().isEmpty());

        // When
        client.send(call, one, 10_000);

        // Then
        await().until(() -> client.ended().contains(call));
        assertThat(client.send(client.call(STREAMING), one, 10_000)).isEqualTo(1);
    }

    private RawHttp2 connect() throws Exception {
        RawHttp2 client = new RawHttp2(server.getPort());
        clients.add(client);
        return client;
    }

    private static MethodDescriptor<InputStream, InputStream> method(String name) {
        MethodDescriptor.Marshaller<InputStream> bytes = new MethodDescriptor.Marshaller<>() {
            @Override
            public InputStream stream(InputStream value) {
                return value;
            }

            @Override
            public InputStream parse(InputStream stream) {
                return stream;
            }
        };
        return MethodDescriptor.newBuilder(bytes, bytes)
                .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                .setFullMethodName(name)
                .build();
    }
}
