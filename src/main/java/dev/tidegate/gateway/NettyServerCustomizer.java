package dev.tidegate.gateway;

import dev.tidegate.v1.ChunkServiceGrpc;
import dev.tidegate.wire.LargeFrames;
import dev.tidegate.wire.ReceiveWindows;
import io.grpc.netty.NettyServerBuilder;
import io.quarkus.grpc.api.ServerBuilderCustomizer;
import io.quarkus.grpc.runtime.config.GrpcServerConfiguration;
import io.vertx.grpc.VertxServerBuilder;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.TimeUnit;

/**
 * The limits of the gRPC listener that Quarkus has no settings for.
 *
 * <p>They bound what one connection can cost: its receive window, its concurrent calls, the streams that it resets and
 * the pings that it sends.
 */
@ApplicationScoped
public class NettyServerCustomizer implements ServerBuilderCustomizer<VertxServerBuilder> {

    /** A chunk has at most 2 MiB; the largest message is a batch of chunks or of digests. */
    static final int MAX_MESSAGE = 4 << 20;

    /** Up to this size a message is read whole, so that its sender is told; grpc-java cuts off what is longer. */
    static final int MAX_TRANSPORT_MESSAGE = 2 * MAX_MESSAGE;

    static final int MAX_METADATA = 16 << 10;

    /** A client has one stream for each file at most; what it opens beyond this waits at its side. */
    static final int MAX_CALLS_PER_CONNECTION = 256;

    /** HTTP/2 rapid reset (CVE-2023-44487): more resets than this in a window close the connection. */
    static final int MAX_RESETS = 400;

    static final int RESET_WINDOW_SECONDS = 30;

    private static final long CLIENT_PING_SECONDS = 30;
    private static final long SERVER_PING_SECONDS = 60;
    private static final long SERVER_PING_LIMIT_SECONDS = 20;

    private final ReceivedChunks received;
    private final GatewayConfig config;

    NettyServerCustomizer(ReceivedChunks received, GatewayConfig config) {
        this.received = received;
        this.config = config;
    }

    @Override
    public void customize(GrpcServerConfiguration configuration, VertxServerBuilder builder) {
        ReceiveWindows windows = new ReceiveWindows(
                ChunkServiceGrpc.getPutChunksMethod().getFullMethodName(),
                config.call().unread());
        NettyServerBuilder netty = LargeFrames.onServer(builder.nettyBuilder(), windows);
        netty.addStreamTracerFactory(new PartialMessages(config.call().partial()));
        netty.maxInboundMessageSize(MAX_TRANSPORT_MESSAGE);
        netty.setBinaryLog(new MessageGuard(MAX_MESSAGE, received, config.call().memory()));
        netty.maxInboundMetadataSize(MAX_METADATA);
        netty.maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION);
        netty.maxRstFramesPerWindow(MAX_RESETS, RESET_WINDOW_SECONDS);
        // An agent that waits for its job keeps its connection open across firewalls without having a call.
        netty.permitKeepAliveTime(CLIENT_PING_SECONDS, TimeUnit.SECONDS);
        netty.permitKeepAliveWithoutCalls(true);
        // A client that vanished without a word is noticed, and what it holds is given back.
        netty.keepAliveTime(SERVER_PING_SECONDS, TimeUnit.SECONDS);
        netty.keepAliveTimeout(SERVER_PING_LIMIT_SECONDS, TimeUnit.SECONDS);
    }
}
