package dev.tidegate.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import dev.tidegate.manifest.Content;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.FileBuilder;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.v1.ErrorReason;
import dev.tidegate.wire.Frames;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkUploaderTest {

    private static final int MEMORY = 16 << 20;
    private static final int CHUNK = 256 << 10;

    private FakeGateway gateway;
    private GatewayConnection connection;

    @BeforeEach
    void open() {
        gateway = new FakeGateway();
        connection = gateway.connect();
    }

    @AfterEach
    void close() {
        connection.close();
        gateway.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whatIsSentArrivesThroughBrokenStreamsAndComesBack(long seed) throws IOException {
        // Given
        byte[] bytes = random(seed, 12 << 20);
        gateway.cutAtFrame = frame -> new SplittableRandom(seed * 1_000_003 + frame).nextInt(20) == 0;

        // When
        Entry.RegularFile file = upload(bytes);
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        connection.chunks().copy(file, read);

        // Then
        assertThat(gateway.streamsCut.get()).as("seed %d", seed).isPositive();
        assertThat(gateway.sentAgain.get()).isZero();
        assertThat(Arrays.equals(read.toByteArray(), bytes)).as("seed %d", seed).isTrue();
    }

    @Test
    void chunksThatTheGatewayHasAreNotSent() {
        // Given
        byte[] bytes = random(4, 4 << 20);
        upload(bytes);
        long sent = gateway.framesReceived.get();

        // When
        upload(bytes);

        // Then
        assertThat(gateway.framesReceived.get()).isEqualTo(sent);
    }

    @Test
    void aChunkThatRepeatsItselfIsAskedForAndSentOnce() {
        // When: 16 MiB of zeros
        upload(new byte[16 << 20]);

        // Then: the chunk and a few nodes
        assertThat(gateway.framesReceived.get()).isLessThan(4);
    }

    @Test
    void aGatewayThatDoesNotReadHoldsTheCallerAtTheBudget() throws InterruptedException {
        // Given
        gateway.reading = new CountDownLatch(1);
        AtomicReference<@Nullable ChunkUploader> upload = new AtomicReference<>();
        Thread handing = Thread.ofPlatform().start(() -> {
            try (PushSession session = PushSession.begin(connection, "art_1", 0, "key");
                    ChunkUploader uploader = session.upload(MEMORY)) {
                upload.set(uploader);
                handOver(uploader, random(5, 64 << 20));
                uploader.finish();
            }
        });

        // When
        await().until(() -> handing.getState() == Thread.State.WAITING && seen(upload) >= MEMORY - CHUNK);

        // Then
        assertThat(seen(upload)).isLessThanOrEqualTo(MEMORY + CHUNK);
        assertThat(gateway.framesReceived.get()).isZero();

        // And when
        gateway.reading.countDown();
        handing.join();

        // Then
        assertThat(gateway.framesReceived.get()).isGreaterThanOrEqualTo((64 << 20) / CHUNK);
    }

    @Test
    void aMessageHasABoundedNumberOfFramesHoweverSmall() {
        // Given chunks of which a message has room for more than it may have
        int chunks = 3 * Frames.MAX_IN_MESSAGE;

        // When
        try (PushSession session = PushSession.begin(connection, "art_1", 0, "key");
                ChunkUploader uploader = session.upload(MEMORY)) {
            for (int i = 0; i < chunks; i++) {
                byte[] bytes = ByteBuffer.allocate(Integer.BYTES).putInt(i).array();
                uploader.accept(ChunkKind.DATA, Digest.of(bytes, 0, bytes.length), ByteBuffer.wrap(bytes));
            }
            uploader.finish();
        }

        // Then
        assertThat(gateway.framesReceived.get()).isEqualTo(chunks);
    }

    @Test
    void afterARenewalThatTookTooLongTheNextHaveTheirTimeAgain() {
        // Given a gateway that is away for the first, and slow from then on
        gateway.lease = Duration.ofMillis(1500);
        gateway.renewal = number -> Duration.ofMillis(number == 1 ? 2000 : 250);
        try (PushSession _ = PushSession.begin(connection, "art_1", 0, "key")) {
            // Then
            await().untilAsserted(() -> assertThat(gateway.renewals).hasValueGreaterThanOrEqualTo(2));
        }
    }

    @Test
    void aRefusedChunkEndsTheUploadWithItsReason() {
        // Given: a node that names something absent
        FileBuilder builder = new FileBuilder(gateway::store);
        builder.add(new Digest(1, 1, 1, 1), 100);
        builder.add(new Digest(2, 2, 2, 2), 100);
        Digest root = ((Content.ChunkTree) builder.finish()).root();
        ByteBuffer node = new dev.tidegate.content.Codecs().decode(gateway.chunk(root));
        gateway.chunks().clear();

        // When, then
        try (PushSession session = PushSession.begin(connection, "art_1", 0, "key");
                ChunkUploader uploader = session.upload(MEMORY)) {
            uploader.accept(ChunkKind.FILE_NODE, root, node);
            assertThatThrownBy(uploader::finish).isInstanceOfSatisfying(GatewayException.class, refused -> {
                assertThat(refused.reason()).isEqualTo(ErrorReason.ERROR_REASON_NODE_REFERENCE_ABSENT);
                assertThat(refused.metadata()).containsEntry("limit", "7");
                assertThat(refused.retryable()).isFalse();
            });
        }
    }

    private static long seen(AtomicReference<@Nullable ChunkUploader> upload) {
        ChunkUploader uploader = upload.get();
        return uploader == null ? 0 : uploader.statistics().bytesSeen();
    }

    private Entry.RegularFile upload(byte[] bytes) {
        try (PushSession session = PushSession.begin(connection, "art_1", 0, "key");
                ChunkUploader uploader = session.upload(MEMORY)) {
            Content content = handOver(uploader, bytes);
            uploader.finish();
            return new Entry.RegularFile(bytes.length, 0644, Timestamp.EPOCH, content);
        }
    }

    private static Content handOver(ChunkUploader uploader, byte[] bytes) {
        FileBuilder file = new FileBuilder(uploader);
        for (int from = 0; from < bytes.length; from += CHUNK) {
            int length = Math.min(CHUNK, bytes.length - from);
            Digest digest = Digest.of(bytes, from, length);
            uploader.accept(ChunkKind.DATA, digest, ByteBuffer.wrap(bytes, from, length));
            file.add(digest, length);
        }
        return file.finish();
    }

    private static byte[] random(long seed, int length) {
        byte[] bytes = new byte[length];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }
}
