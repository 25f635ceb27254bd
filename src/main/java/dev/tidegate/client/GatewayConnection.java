package dev.tidegate.client;

import dev.tidegate.manifest.NodeSource;
import dev.tidegate.trace.Traces;
import dev.tidegate.wire.LargeFrames;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A connection to one gateway. Opening it sends nothing: the first call connects. All threads may share it.
 *
 * <p>Calls block. One that may be repeated is repeated while the gateway is away, until the {@link RetryPolicy} ends;
 * every failure arrives as a {@link GatewayException}. A call whose thread is interrupted ends at once in {@link
 * CallInterruptedException}, with the thread's interrupt status set.
 */
public final class GatewayConnection implements AutoCloseable {

    /** The longest that one attempt of a call may take. */
    static final Duration CALL_DEADLINE = Duration.ofSeconds(30);

    /** Large enough for the bandwidth-delay product of 10 Gbit/s over 6 ms; the default of 1 MiB is not. */
    private static final int FLOW_CONTROL_WINDOW = 8 << 20;

    /** The protocol's largest message has 2.5 MiB. */
    private static final int MAX_MESSAGE = 4 << 20;

    private static final int CONNECT_TIMEOUT_MILLIS = 5_000;

    private final GatewayAddress address;
    private final RetryPolicy policy;
    private final Absence absence;
    private final EventLoopGroup eventLoop;
    private final ManagedChannel channel;
    private final CountDownLatch closed = new CountDownLatch(1);

    private GatewayConnection(
            GatewayAddress address, Credentials credentials, RetryPolicy policy, Consumer<String> waiting) {
        this.address = address;
        this.policy = policy;
        this.absence = new Absence(address, policy.limit(), waiting);
        this.eventLoop = new NioEventLoopGroup(1, new DefaultThreadFactory("tidegate-connection", true));
        NettyChannelBuilder builder = LargeFrames.onClient(
                        NettyChannelBuilder.forAddress(address.host(), address.port()))
                .eventLoopGroup(eventLoop)
                .channelType(NioSocketChannel.class)
                .flowControlWindow(FLOW_CONTROL_WINDOW)
                .maxInboundMessageSize(MAX_MESSAGE)
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                // Finds a gateway that vanished without closing its sockets; only while a call is open. A gateway lets
                // clients ask every 30 s, and the clocks of two machines differ.
                .keepAliveTime(45, TimeUnit.SECONDS)
                .keepAliveTimeout(10, TimeUnit.SECONDS)
                .intercept(credentials.interceptor(address));
        Traces.interceptor().ifPresent(builder::intercept);
        this.channel = builder.build();
        absence.follow(channel);
    }

    /** Opens a connection as nobody in particular. */
    public static GatewayConnection open(GatewayAddress address, RetryPolicy policy) {
        return open(address, Credentials.NONE, policy);
    }

    /** Opens a connection. */
    public static GatewayConnection open(GatewayAddress address, Credentials credentials, RetryPolicy policy) {
        return open(address, credentials, policy, _ -> {});
    }

    /**
     * Opens a connection.
     *
     * @param waiting is told in a sentence, from another thread, that the gateway is away and for how long it is tried: after
     *     a moment, and once until it was reached
     */
    public static GatewayConnection open(
            GatewayAddress address, Credentials credentials, RetryPolicy policy, Consumer<String> waiting) {
        TransportLogs.quieten();
        return new GatewayConnection(address, credentials, policy, waiting);
    }

    /** Where the gateway is. */
    public GatewayAddress address() {
        return address;
    }

    /** How long calls are repeated. */
    public RetryPolicy policy() {
        return policy;
    }

    /** Calls about experiments and artifacts. */
    public Experiments experiments() {
        return new Experiments(this);
    }

    /** Calls about snapshots. */
    public Snapshots snapshots() {
        return new Snapshots(this);
    }

    /** Calls about what snapshots take of the store. */
    public Usages usages() {
        return new Usages(this);
    }

    /** Calls about resumes. */
    public Resumes resumes() {
        return new Resumes(this);
    }

    /** Calls about cuts. */
    public Cuts cuts() {
        return new Cuts(this);
    }

    /** The nodes of all manifests, checked against their digests, with a cache of 16 MiB that belongs to the result. */
    public NodeSource nodes() {
        return new RemoteNodeSource(chunks());
    }

    /** Reads chunks, checked against their digests. */
    public ChunkDownloader chunks() {
        return chunks(RateLimit.NONE);
    }

    /** Reads chunks, checked against their digests, no faster than a rate allows. */
    public ChunkDownloader chunks(RateLimit limit) {
        return new ChunkDownloader(this, limit);
    }

    /** Calls that may be repeated, with the usual deadline. */
    <Q, R> R call(MethodDescriptor<Q, R> method, Q request) {
        return call(method, request, CALL_DEADLINE, policy);
    }

    /** As the other, with another deadline for one attempt. */
    <Q, R> R call(MethodDescriptor<Q, R> method, Q request, Duration deadline) {
        return call(method, request, deadline, policy);
    }

    /** Calls until an answer comes, a failure is final, or the policy ends. */
    <Q, R> R call(MethodDescriptor<Q, R> method, Q request, Duration deadline, RetryPolicy retry) {
        Attempts attempts = new Attempts(this, retry);
        while (true) {
            try {
                CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(
                        attempts.bounded(deadline).toNanos(), TimeUnit.NANOSECONDS);
                return ClientCalls.blockingUnaryCall(channel, method, options, request);
            } catch (StatusRuntimeException failure) {
                attempts.failed(failure);
            }
        }
    }

    /** Who tells that the gateway is away. */
    Absence absence() {
        return absence;
    }

    Channel channel() {
        return channel;
    }

    /** Makes the next call connect at once, where the channel would wait for its own growing pause to end. */
    void reconnectNow() {
        channel.resetConnectBackoff();
    }

    /**
     * Waits; ends early with an exception when the connection is closed or the thread is interrupted.
     *
     * @param why the failure after which a call is repeated
     */
    void pause(Duration duration, GatewayException why) {
        try {
            if (closed.await(duration.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new CallInterruptedException("the connection was closed", why);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CallInterruptedException("the call was interrupted", why);
        }
    }

    Duration pauseBefore(RetryPolicy retry, int attempt) {
        return retry.pause(attempt, ThreadLocalRandom.current());
    }

    /** Ends all calls. */
    @Override
    public void close() {
        closed.countDown();
        channel.shutdownNow();
        try {
            channel.awaitTermination(2, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        // The Java virtual machine waits 0.3 s at its end for threads that wait for the network. That of grpc-java,
        // which connections would share, stays for a second longer than they do.
        eventLoop.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
