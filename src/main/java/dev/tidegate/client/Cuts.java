package dev.tidegate.client;

import dev.tidegate.v1.GetTimeRequest;
import dev.tidegate.v1.JoinCutRequest;
import dev.tidegate.v1.PublishRequest;
import dev.tidegate.v1.PublishResponse;
import dev.tidegate.v1.PushServiceGrpc;
import dev.tidegate.wire.Frames;
import java.time.Duration;
import java.time.Instant;

/** Calls about cuts. Every method blocks and throws {@link GatewayException}. */
public final class Cuts {

    private static final Duration SHORT = Duration.ofSeconds(5);

    private final GatewayConnection connection;

    Cuts(GatewayConnection connection) {
        this.connection = connection;
    }

    /**
     * Names the cut that a writer's next push belongs to: the same one for all that ask within a moment.
     *
     * @param artifact its id, or {@code EXPERIMENT/TYPE}
     * @param writer the rank, below {@code writers}
     * @param writers how many take part
     * @param maxAge how long ago the cut may have been begun
     */
    public String join(String artifact, int writer, int writers, Duration maxAge) {
        JoinCutRequest request = JoinCutRequest.newBuilder()
                .setArtifact(artifact)
                .setWriter(writer)
                .setWriters(writers)
                .setMaxAge(com.google.protobuf.Duration.newBuilder()
                        .setSeconds(maxAge.getSeconds())
                        .setNanos(maxAge.getNano()))
                .build();
        return connection.call(PushServiceGrpc.getJoinCutMethod(), request).getCutId();
    }

    /** Tells what has become of a push that waited for its cut. Asked once, for a few seconds. */
    public PublishResponse outcome(WaitingPush waiting) {
        PublishRequest request = PublishRequest.newBuilder()
                .setPushId(waiting.push())
                .setRoot(Frames.toProto(waiting.root()))
                .build();
        return connection.call(PushServiceGrpc.getPublishMethod(), request, SHORT, RetryPolicy.ofLimit(SHORT));
    }

    /** The gateway's time, by which writers on many machines keep the same hours. Asked once, for a few seconds. */
    public Instant time() {
        com.google.protobuf.Timestamp time = connection
                .call(
                        PushServiceGrpc.getGetTimeMethod(),
                        GetTimeRequest.getDefaultInstance(),
                        SHORT,
                        RetryPolicy.ofLimit(SHORT))
                .getTime();
        return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
    }
}
