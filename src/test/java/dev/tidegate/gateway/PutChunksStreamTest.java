package dev.tidegate.gateway;

import static dev.tidegate.gateway.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tidegate.catalog.PushId;
import dev.tidegate.catalog.Pushes;
import dev.tidegate.gateway.ingest.ChunkIngest;
import dev.tidegate.gateway.observe.GatewayMetrics;
import dev.tidegate.v1.ChunkFrame;
import dev.tidegate.v1.PutChunksRequest;
import dev.tidegate.v1.PutChunksResponse;
import dev.tidegate.wire.Frames;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Transaction;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** That what a stream holds is bounded, however small its chunks are. */
@QuarkusTest
class PutChunksStreamTest extends WireTests {

    private static final int FRAMES = 100;

    @Inject
    ChunkIngest ingest;

    @Inject
    ReceivedChunks received;

    @Inject
    Pushes pushes;

    @Inject
    GatewayMetrics metrics;

    @Inject
    Pool pool;

    @Test
    void smallChunksAreCountedAsWhatTheyHold() {
        // Given a push that nothing can be stored for, for now
        String push = client.begin(client.newArtifact()).getPushId();
        PushId id = Wire.pushId(push);
        SqlConnection connection = pool.getConnection().await().indefinitely();
        Transaction transaction = connection.begin().await().indefinitely();
        var _ = connection
                .preparedQuery("SELECT id FROM push WHERE id = $1 FOR UPDATE")
                .execute(Tuple.of(id.value()))
                .await()
                .indefinitely();
        Call call = new Call();
        PutChunksStream stream = new PutChunksStream(
                Caller.DEFAULT.organisation(), call, ingest, received, pushes, metrics, FRAMES << 10, _ -> {});
        assertThat(call.requested).hasValue(1);

        // When a tenth of the window has come
        List<ChunkFrame> frames = new ArrayList<>();
        for (int i = 0; i < FRAMES; i++) {
            frames.add(TestChunks.data(TestChunks.random(random, 16)));
        }
        PutChunksRequest message = PutChunksRequest.newBuilder()
                .setPushId(push)
                .addAllChunks(frames)
                .build();
        assertThat(message.getSerializedSize()).isLessThan((FRAMES << 10) / 10);
        stream.onNext(message);

        // Then no more is read until it is acknowledged
        assertThat(call.requested).hasValue(1);
        transaction.commit().await().indefinitely();
        connection.close().await().indefinitely();
        await().atMost(Duration.ofSeconds(30)).until(() -> call.requested.get() == 2);
        assertThat(call.acknowledged).hasValue(FRAMES);
        stream.onCompleted();
    }

    @Test
    void aClientThatReadsNoAcknowledgementIsReadFromNoMore() {
        // Given
        String push = client.begin(client.newArtifact()).getPushId();
        Call call = new Call();
        call.ready = false;
        PutChunksStream stream = new PutChunksStream(
                Caller.DEFAULT.organisation(), call, ingest, received, pushes, metrics, FRAMES << 10, _ -> {});
        PutChunksRequest message = PutChunksRequest.newBuilder()
                .setPushId(push)
                .addChunks(TestChunks.data(TestChunks.random(random, 16)))
                .build();
        PutChunksRequest empty = PutChunksRequest.newBuilder().setPushId(push).build();

        // When messages are through at once
        stream.onNext(empty);
        stream.onNext(empty);

        // Then
        assertThat(call.told).hasValue(0);
        assertThat(call.requested).hasValue(1);

        // and it goes on, with one answer for all, when the client does
        call.ready = true;
        call.onReady.run();
        assertThat(call.told).hasValue(1);
        assertThat(call.requested).hasValue(2);

        // and who takes nothing is told all the same in the end
        call.ready = false;
        stream.onNext(message);
        stream.onCompleted();
        await().until(() -> call.completed);
        assertThat(call.told).hasValue(2);
        assertThat(call.acknowledged).hasValue(1);
    }

    @Test
    void aStreamWhoseClientReadsNothingGivesItsPlaceAway() {
        String push = client.begin(client.newArtifact()).getPushId();
        Call call = new Call();
        call.ready = false;
        PutChunksStream stream = new PutChunksStream(
                Caller.DEFAULT.organisation(), call, ingest, received, pushes, metrics, FRAMES << 10, _ -> {});
        stream.onNext(PutChunksRequest.newBuilder().setPushId(push).build());

        assertThat(stream.endIfSilent(Duration.ofHours(1))).isFalse();
        assertThat(stream.endIfSilent(Duration.ZERO)).isTrue();
        assertThat(call.failure).hasMessageContaining("nothing was read for 0 s");
    }

    @Test
    void aMessageHasABoundedNumberOfFrames() {
        // Given
        String push = client.begin(client.newArtifact()).getPushId();
        ChunkFrame frame = TestChunks.data(TestChunks.random(random, 16));

        // When
        var most = client.tryPutTogether(push, Collections.nCopies(Frames.MAX_IN_MESSAGE, frame));
        var tooMany = client.tryPutTogether(push, Collections.nCopies(Frames.MAX_IN_MESSAGE + 1, frame));

        // Then
        assertThat(most.failure()).isNull();
        assertThat(most.last().getAcknowledged()).isEqualTo(Frames.MAX_IN_MESSAGE);
        assertRefused(tooMany.failure(), Status.Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
    }

    /** Counts what a stream asks for and acknowledges. */
    private static final class Call extends ServerCallStreamObserver<PutChunksResponse> {

        private final AtomicInteger requested = new AtomicInteger();
        private final AtomicLong acknowledged = new AtomicLong();
        private final AtomicInteger told = new AtomicInteger();
        private volatile boolean ready = true;
        private volatile boolean completed;
        private volatile Runnable onReady = () -> {};
        private volatile @Nullable Throwable failure;

        @Override
        public void request(int count) {
            requested.addAndGet(count);
        }

        @Override
        public void onNext(PutChunksResponse response) {
            acknowledged.set(response.getAcknowledged());
            told.incrementAndGet();
        }

        @Override
        public void onError(Throwable refused) {
            failure = refused;
        }

        @Override
        public void onCompleted() {
            completed = true;
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public boolean isReady() {
            return ready;
        }

        @Override
        public void setOnCancelHandler(Runnable handler) {}

        @Override
        public void setOnReadyHandler(Runnable handler) {
            onReady = handler;
        }

        @Override
        public void disableAutoInboundFlowControl() {}

        @Override
        public void disableAutoRequest() {}

        @Override
        public void setMessageCompression(boolean enable) {}

        @Override
        public void setCompression(String compression) {}
    }
}
