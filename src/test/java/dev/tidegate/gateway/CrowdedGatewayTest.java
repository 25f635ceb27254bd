package dev.tidegate.gateway;

import static dev.tidegate.gateway.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.tidegate.client.ChunkUploader;
import dev.tidegate.client.GatewayAddress;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.PushSession;
import dev.tidegate.client.RetryPolicy;
import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import dev.tidegate.testing.RawHttp2;
import dev.tidegate.v1.ChunkFrame;
import dev.tidegate.v1.ChunkServiceGrpc;
import dev.tidegate.v1.GetChunksRequest;
import dev.tidegate.v1.GetChunksResponse;
import dev.tidegate.v1.GetTimeRequest;
import dev.tidegate.v1.PushServiceGrpc;
import dev.tidegate.v1.PutChunksRequest;
import dev.tidegate.v1.PutChunksResponse;
import dev.tidegate.v1.RenewPushRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Transaction;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** A gateway with few places: who takes them and does not use them, who waits for them, and who is refused. */
@QuarkusTest
@TestProfile(CrowdedGatewayTest.FewPlaces.class)
class CrowdedGatewayTest extends WireTests {

    /** So few that a test can take them. */
    public static final class FewPlaces implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "tidegate.read.streams", "1",
                    "tidegate.read.waiting", "1048576",
                    "tidegate.ingest.streams", "2",
                    "tidegate.ingest.stream-idle", "PT1S",
                    "tidegate.call.memory", "16777216",
                    "tidegate.call.partial", "16777216",
                    "quarkus.datasource.reactive.additional-properties.\"lock_timeout\"", "1s");
        }
    }

    @Inject
    Pool pool;

    @Test
    void whoFindsNoRoomAmongThoseThatWaitIsRefused() {
        // Given a reader that takes nothing, and another that waits with as many digests as may be
        Reading idle = new Reading(stored(8, 1 << 20), 0);
        await().until(() -> idle.headersCame);
        List<ByteString> many =
                Collections.nCopies(Wire.MAX_DIGESTS, stored(1, 100).getFirst());
        Reading waiting = new Reading(many, 0);

        // Then a third is refused, and one that breaks the limits is told so without waiting
        await().untilAsserted(() ->
                assertRefused(() -> client.read(many), Status.Code.RESOURCE_EXHAUSTED, "TOO_MANY_STREAMS"));
        assertRefused(
                () -> client.read(Collections.nCopies(Wire.MAX_DIGESTS + 1, many.getFirst())),
                Status.Code.INVALID_ARGUMENT,
                "INVALID_ARGUMENT");

        // When the one that waits gives up, then another can wait in its place, until its turn comes
        waiting.cancel();
        Reading next = await().until(() -> new Reading(many, Integer.MAX_VALUE), Reading::lasts);
        idle.cancel();
        assertThat(next.end.orTimeout(30, TimeUnit.SECONDS).join().getCode()).isEqualTo(Status.Code.OK);
    }

    @Test
    void messagesWhoseEndDoesNotComeGiveWayToOthers() throws Exception {
        // Given calls that send all of a message of 4 MiB but a byte, of which there is room for three
        byte[] most = new byte[5 + (4 << 20) - 1];
        ByteBuffer.wrap(most).put(1, new byte[] {0, 0x40, 0, 0});
        List<Integer> calls = new ArrayList<>();
        try (RawHttp2 slow = new RawHttp2(port)) {
            for (int i = 0; i < 6; i++) {
                int call = slow.call(PushServiceGrpc.getFindMissingMethod().getFullMethodName());
                calls.add(call);
                assertThat(slow.send(call, most, 10_000)).isEqualTo(most.length);
            }

            // Then
            await().untilAsserted(() -> assertThat(slow.ended()).containsAll(calls.subList(0, 3)));
            assertThat(slow.ended()).doesNotContainAnyElementsOf(calls.subList(3, 6));
            stored(8, 1 << 20);

            // When the end of one comes all the same, then it is answered: it is no message
            assertThat(slow.send(calls.getLast(), new byte[1], 10_000)).isEqualTo(1);
            await().until(() -> slow.ended().contains(calls.getLast()));
        }
    }

    @Test
    void manyThatReadAtOnceAllGetThrough() throws Exception {
        // Given more than there is room for
        List<Digest> digests = stored(100, 100).stream()
                .map(digest -> Digest.read(digest.toByteArray(), 0))
                .toList();
        List<Future<Integer>> readers = new ArrayList<>();
        try (GatewayConnection connection = connection();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 200; i++) {
                readers.add(threads.submit(() -> read(connection, digests)));
            }

            // Then
            for (Future<Integer> reader : readers) {
                assertThat(reader.get()).isEqualTo(3 * digests.size());
            }
        }
    }

    /** Returns how many chunks came. */
    private static int read(GatewayConnection connection, List<Digest> digests) throws IOException {
        int came = 0;
        for (int round = 0; round < 3; round++) {
            List<Integer> taken = new ArrayList<>();
            connection.chunks().fetch(digests, (index, _) -> taken.add(index));
            came += taken.size();
        }
        return came;
    }

    @Test
    void aSilentPushGivesItsPlaceToAnother() {
        // Given as many silent streams as there may be
        String push = client.begin(client.newArtifact()).getPushId();
        List<CompletableFuture<Status>> silent = List.of(openSilently(), openSilently());

        // Then one makes room for whoever comes, in a while
        List<ChunkFrame> frames = List.of(TestChunks.data(TestChunks.random(random, 1000)));
        assertRefused(client.tryPut(push, frames).failure(), Status.Code.RESOURCE_EXHAUSTED, "TOO_MANY_STREAMS");
        await().until(() -> client.tryPut(push, frames).failure() == null);
        assertThat(silent.stream().filter(CompletableFuture::isDone)).hasSize(1);
        assertThat(silent.stream().filter(CompletableFuture::isDone).map(CompletableFuture::join))
                .allSatisfy(status -> assertThat(status.getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
    }

    @Test
    void anUploadThatPausesForLongGoesOn() {
        // Given an upload whose chunks so far have arrived
        int memory = 1 << 20;
        try (GatewayConnection connection = connection();
                PushSession session = PushSession.begin(connection, client.newArtifact(), 0, "pausing");
                ChunkUploader uploader = session.upload(memory)) {
            for (int i = 0; i < 4; i++) {
                handOver(uploader, 64 << 10);
            }
            await().until(() -> uploader.statistics().chunksSent() >= 2);

            // When others need its place
            CompletableFuture<Status> other = openSilently();
            await().until(() -> {
                CompletableFuture<Status> another = openSilently();
                return !another.isDone() || another.join().getCode() != Status.Code.RESOURCE_EXHAUSTED;
            });

            // Then it goes on
            for (int i = 0; i < 4; i++) {
                handOver(uploader, 64 << 10);
            }
            uploader.finish();
            assertThat(uploader.statistics().chunksSent()).isEqualTo(8);
            other.cancel(true);
        }
    }

    private void handOver(ChunkUploader uploader, int length) {
        ByteBuffer bytes = ByteBuffer.wrap(TestChunks.random(random, length));
        uploader.accept(ChunkKind.DATA, Digest.of(bytes), bytes);
    }

    @Test
    void aRowThatSomebodyElseHoldsIsWaitedForNotForLong() {
        // Given a push whose row a gateway holds that has gone
        RenewPushRequest renewal = RenewPushRequest.newBuilder()
                .setPushId(client.begin(client.newArtifact()).getPushId())
                .build();
        SqlConnection holder = pool.getConnectionAndAwait();
        Transaction transaction = holder.beginAndAwait();
        holder.query("SELECT FROM push FOR UPDATE").executeAndAwait();

        // Then whoever waits for it is told so
        assertRefused(() -> client.pushes().renewPush(renewal), Status.Code.UNAVAILABLE, "DATABASE_UNAVAILABLE");

        // And when more give up waiting than there are connections, then these come back
        for (int i = 0; i < 25; i++) {
            StatusRuntimeException gaveUp = catchThrowableOfType(
                    StatusRuntimeException.class,
                    () -> client.pushes()
                            .withDeadlineAfter(50, TimeUnit.MILLISECONDS)
                            .renewPush(renewal));
            assertThat(gaveUp.getStatus().getCode()).isIn(Status.Code.DEADLINE_EXCEEDED, Status.Code.UNAVAILABLE);
        }
        transaction.rollbackAndAwait();
        holder.closeAndAwait();
        assertThat(client.pushes().renewPush(renewal).getLease().getSeconds()).isPositive();
    }

    @Test
    void whoeverChangesAPushHoldsUpNoChunks() {
        // Given the row of a push as whoever publishes it holds it, for as long as that takes
        String push = client.begin(client.newArtifact()).getPushId();
        String other = client.begin(client.newArtifact()).getPushId();
        SqlConnection holder = pool.getConnectionAndAwait();
        Transaction transaction = holder.beginAndAwait();
        holder.query("SELECT FROM push FOR NO KEY UPDATE").executeAndAwait();

        // Then chunks come into it, and into others beside it
        for (String target : List.of(push, other)) {
            assertThat(client.tryPut(target, List.of(TestChunks.data(TestChunks.random(random, 1000))))
                            .last()
                            .getAcknowledged())
                    .isEqualTo(1);
        }
        transaction.rollbackAndAwait();
        holder.closeAndAwait();
    }

    @Test
    void whatCallsHoldThatWaitForTheDatabaseIsBounded() {
        // Given calls that wait and hold a large part of what all may hold, of which one is given up
        String push = client.begin(client.newArtifact()).getPushId();
        RenewPushRequest small = RenewPushRequest.newBuilder().setPushId(push).build();
        RenewPushRequest large = small.toBuilder()
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                1000,
                                UnknownFieldSet.Field.newBuilder()
                                        .addLengthDelimited(ByteString.copyFrom(new byte[7 << 19]))
                                        .build())
                        .build())
                .build();
        SqlConnection holder = pool.getConnectionAndAwait();
        Transaction transaction = holder.beginAndAwait();
        holder.query("SELECT FROM push FOR UPDATE").executeAndAwait();
        var calls = PushServiceGrpc.newFutureStub(client.channel());
        var waiting = calls.renewPush(large);
        var givenUp = calls.renewPush(large);

        // Then there is no room for another large one, until the first have been answered; for small ones there is
        await().untilAsserted(() -> assertRefused(
                () -> client.pushes().renewPush(large), Status.Code.RESOURCE_EXHAUSTED, "TOO_MANY_STREAMS"));
        givenUp.cancel(true);
        assertThat(client.pushes().getTime(GetTimeRequest.getDefaultInstance()).hasTime())
                .isTrue();
        transaction.rollbackAndAwait();
        holder.closeAndAwait();
        await().until(() -> waiting.isDone());
        await().atMost(Duration.ofSeconds(50))
                .until(() -> client.pushes().renewPush(large).hasLease());
    }

    @Test
    void theDatabaseEndsWhatAGatewayHasLeftBehind() {
        for (String setting : List.of("idle_in_transaction_session_timeout", "tcp_keepalives_idle")) {
            assertThat(pool.query("SHOW " + setting)
                            .executeAndAwait()
                            .iterator()
                            .next()
                            .getString(0))
                    .as(setting)
                    .startsWith("30");
        }
    }

    private GatewayConnection connection() {
        return GatewayConnection.open(new GatewayAddress("127.0.0.1", port), RetryPolicy.PATIENT);
    }

    /** Stores chunks, and returns their digests. */
    private List<ByteString> stored(int count, int length) {
        List<ChunkFrame> frames = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            frames.add(TestChunks.data(TestChunks.random(random, length)));
        }
        String push = client.begin(client.newArtifact()).getPushId();
        await().until(() -> client.tryPut(push, frames).failure() == null);
        return frames.stream().map(ChunkFrame::getDigest).toList();
    }

    /** Opens a stream of chunks and sends nothing; returns how it will end. */
    private CompletableFuture<Status> openSilently() {
        CompletableFuture<Status> end = new CompletableFuture<>();
        StreamObserver<PutChunksRequest> _ = ChunkServiceGrpc.newStub(client.channel())
                .putChunks(new StreamObserver<>() {
                    @Override
                    public void onNext(PutChunksResponse response) {}

                    @Override
                    public void onError(Throwable failure) {
                        end.complete(Status.fromThrowable(failure));
                    }

                    @Override
                    public void onCompleted() {
                        end.complete(Status.OK);
                    }
                });
        return end;
    }

    /** A call of GetChunks that takes so many messages. */
    private final class Reading extends ClientCall.Listener<GetChunksResponse> {
        private final ClientCall<GetChunksRequest, GetChunksResponse> call =
                client.channel().newCall(ChunkServiceGrpc.getGetChunksMethod(), CallOptions.DEFAULT);
        private volatile boolean headersCame;
        private final CompletableFuture<Status> end = new CompletableFuture<>();

        private Reading(List<ByteString> digests, int messages) {
            call.start(this, new Metadata());
            call.sendMessage(
                    GetChunksRequest.newBuilder().addAllDigests(digests).build());
            call.halfClose();
            if (messages > 0) {
                call.request(messages);
            }
        }

        private boolean lasts() {
            try {
                end.get(200, TimeUnit.MILLISECONDS);
                return false;
            } catch (TimeoutException waiting) {
                return true;
            } catch (InterruptedException | ExecutionException impossible) {
                throw new AssertionError(impossible);
            }
        }

        private void cancel() {
            call.cancel("it is given up", null);
        }

        @Override
        public void onHeaders(Metadata headers) {
            headersCame = true;
        }

        @Override
        public void onClose(Status ended, Metadata trailers) {
            end.complete(ended);
        }
    }
}
