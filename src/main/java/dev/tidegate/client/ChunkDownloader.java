package dev.tidegate.client;

import dev.tidegate.content.ChunkException;
import dev.tidegate.content.Codecs;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.manifest.ContentChunk;
import dev.tidegate.manifest.ContentReader;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.NodeSource;
import dev.tidegate.v1.ChunkCodec;
import dev.tidegate.v1.ChunkFrame;
import dev.tidegate.v1.ChunkServiceGrpc;
import dev.tidegate.v1.ErrorReason;
import dev.tidegate.v1.GetChunksRequest;
import dev.tidegate.v1.GetChunksResponse;
import dev.tidegate.wire.Frames;
import dev.tidegate.wire.InPlaceResponse;
import dev.tidegate.wire.InPlaceResponses;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/** Reads chunks, each decoded within its declared length and checked against its digest. All threads may share it. */
public final class ChunkDownloader {

    /** The most digests in one call. */
    public static final int MAX_DIGESTS = 8192;

    /** What {@link #copy} asks for at once, in bytes of plaintext, and how many such calls it has open. */
    private static final int COPY_BATCH = 4 << 20;

    private static final int COPY_CALLS = 3;

    private static final Codecs CODECS = new Codecs();

    private final GatewayConnection connection;
    private final RateLimit limit;
    private final MethodDescriptor<GetChunksRequest, InPlaceResponse> method;
    private final AtomicLong bytesReceived = new AtomicLong();

    /** Takes chunks in the order in which they were asked for. */
    @FunctionalInterface
    public interface Sink {
        /**
         * Takes a chunk.
         *
         * @param index its place in the request
         * @param plaintext in one or more pieces, each from position to limit; changes once this has returned
         * @return whether the following chunks are wanted still
         */
        boolean accept(int index, List<ByteBuffer> plaintext) throws IOException;
    }

    ChunkDownloader(GatewayConnection connection, RateLimit limit) {
        this.connection = connection;
        this.limit = limit;
        MethodDescriptor<GetChunksRequest, GetChunksResponse> generated = ChunkServiceGrpc.getGetChunksMethod();
        this.method = generated.toBuilder(
                        generated.getRequestMarshaller(), new InPlaceResponses(generated.getResponseMarshaller()))
                .build();
    }

    /**
     * Reads chunks; returns when the last was taken or no more are wanted. A call that breaks off goes on at the next
     * chunk, so none is taken twice. Decodes and hashes in the calling thread, and holds one message at a time besides
     * what the connection has in its window.
     *
     * @param digests at most {@link #MAX_DIGESTS}
     * @throws IOException that {@code sink} threw
     * @throws GatewayException if the gateway refuses, stays away, or sends what was not asked for
     * @throws CallInterruptedException if the thread was interrupted
     */
    public void fetch(List<Digest> digests, Sink sink) throws IOException {
        Attempts attempts = new Attempts(connection, connection.policy());
        Scratch scratch = new Scratch();
        int taken = 0;
        while (taken < digests.size()) {
            int before = taken;
            BlockingClientCall<GetChunksRequest, InPlaceResponse> call = open(digests, taken);
            try {
                while (true) {
                    try (InPlaceResponse received = call.read()) {
                        if (received == null) {
                            break;
                        }
                        attempts.progressed();
                        List<ChunkFrame> frames = received.message().getChunksList();
                        Iterator<List<ByteBuffer>> plain = verified(frames, digests, taken);
                        for (ChunkFrame frame : frames) {
                            List<ByteBuffer> plaintext = isPlain(frame) ? plain.next() : decoded(frame, scratch);
                            if (!sink.accept(taken, plaintext)) {
                                return;
                            }
                            taken++;
                        }
                    }
                }
                if (taken < digests.size()) {
                    throw Status.UNAVAILABLE
                            .withDescription("the stream ended after " + (taken - before) + " chunks")
                            .asException();
                }
            } catch (StatusException failure) {
                attempts.failed(failure.getStatus().asRuntimeException(failure.getTrailers()));
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new CallInterruptedException("the download was interrupted");
            } finally {
                end(call);
            }
        }
    }

    /**
     * Writes the bytes of a file in order, reading ahead by some megabytes. The stream stays open.
     *
     * @throws IOException that {@code target} threw
     * @throws GatewayException as {@link #fetch} does
     */
    public void copy(Entry.RegularFile file, OutputStream target) throws IOException {
        copy(file, 0, file.size(), target);
    }

    /**
     * As the other, of the bytes from {@code from} to before {@code to}, both from 0 to the size of the file. No chunk
     * outside of them is read.
     */
    public void copy(Entry.RegularFile file, long from, long to, OutputStream target) throws IOException {
        NodeSource nodes = new RemoteNodeSource(this);
        Iterator<ContentChunk> chunks = new ContentReader(nodes).chunks(file, from);
        ArrayDeque<Batch> ahead = new ArrayDeque<>();
        long asked = from;
        try (ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor()) {
            try {
                while (asked < to || !ahead.isEmpty()) {
                    while (asked < to && ahead.size() < COPY_CALLS) {
                        List<ContentChunk> batch = nextBatch(chunks, to);
                        List<Digest> digests =
                                batch.stream().map(ContentChunk::digest).toList();
                        ahead.add(new Batch(batch.getFirst().offset(), calls.submit(() -> fetchAll(digests))));
                        asked = batch.getLast().offset() + batch.getLast().length();
                    }
                    Batch next = ahead.remove();
                    long offset = next.offset();
                    for (ByteBuffer plaintext : next.plaintexts().get()) {
                        write(part(plaintext, offset, from, to), target);
                        offset += plaintext.remaining();
                    }
                }
            } catch (ExecutionException failed) {
                throw rethrow(failed);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new CallInterruptedException("the download was interrupted");
            } finally {
                calls.shutdownNow();
            }
        }
    }

    /** The encoded bytes of chunks that came so far. */
    public long bytesReceived() {
        return bytesReceived.get();
    }

    private List<ByteBuffer> fetchAll(List<Digest> digests) throws IOException {
        List<ByteBuffer> plaintexts = new ArrayList<>(digests.size());
        fetch(digests, (index, plaintext) -> plaintexts.add(copy(plaintext)));
        return plaintexts;
    }

    /** Returns a buffer of its own with the same bytes. */
    static ByteBuffer copy(List<ByteBuffer> plaintext) {
        ByteBuffer whole = ByteBuffer.allocate(length(plaintext));
        plaintext.forEach(piece -> whole.put(piece.duplicate()));
        return whole.flip();
    }

    /** Returns how many bytes the pieces have together. */
    public static int length(List<ByteBuffer> plaintext) {
        return plaintext.stream().mapToInt(ByteBuffer::remaining).sum();
    }

    /**
     * Chunks of a file that are on their way.
     *
     * @param offset of the first in the file
     * @param plaintexts their bytes
     */
    private record Batch(long offset, Future<List<ByteBuffer>> plaintexts) {}

    /** Takes at least one chunk, and none that begins at {@code to} or behind. */
    private static List<ContentChunk> nextBatch(Iterator<ContentChunk> chunks, long to) {
        List<ContentChunk> batch = new ArrayList<>();
        long bytes = 0;
        ContentChunk last;
        do {
            last = chunks.next();
            batch.add(last);
            bytes += last.length();
        } while (bytes < COPY_BATCH && batch.size() < MAX_DIGESTS && last.offset() + last.length() < to);
        return batch;
    }

    /** Returns what of a chunk at {@code offset} lies in a range. */
    private static ByteBuffer part(ByteBuffer plaintext, long offset, long from, long to) {
        int begin = (int) Math.max(0, from - offset);
        int end = (int) Math.min(plaintext.remaining(), to - offset);
        return plaintext.slice(plaintext.position() + begin, end - begin);
    }

    private static void write(ByteBuffer plaintext, OutputStream target) throws IOException {
        target.write(plaintext.array(), plaintext.arrayOffset() + plaintext.position(), plaintext.remaining());
    }

    private BlockingClientCall<GetChunksRequest, InPlaceResponse> open(List<Digest> digests, int from) {
        GetChunksRequest.Builder request = GetChunksRequest.newBuilder();
        for (Digest digest : digests.subList(from, digests.size())) {
            request.addDigests(Frames.toProto(digest));
        }
        return ClientCalls.blockingV2ServerStreamingCall(
                connection.channel(), method, CallOptions.DEFAULT, request.build());
    }

    /** Ends a call, and gives back what came of it already. Does nothing to a call that has ended. */
    private static void end(BlockingClientCall<GetChunksRequest, InPlaceResponse> call) {
        call.cancel("no more chunks are wanted", null);
        try {
            InPlaceResponse unwanted = call.read();
            while (unwanted != null) {
                unwanted.close();
                unwanted = call.read();
            }
        } catch (StatusException cancelled) {
            // Nothing more comes.
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Checks what came against what was asked for. Returns the bytes of those chunks that are not compressed, verified; the
     * others are when they are decoded.
     */
    private Iterator<List<ByteBuffer>> verified(List<ChunkFrame> frames, List<Digest> asked, int first) {
        List<Digest> digests = new ArrayList<>(frames.size());
        List<List<ByteBuffer>> plaintexts = new ArrayList<>(frames.size());
        try {
            for (int i = 0; i < frames.size(); i++) {
                ChunkFrame frame = frames.get(i);
                Digest digest = Frames.toDigest(frame.getDigest());
                if (first + i >= asked.size() || !digest.equals(asked.get(first + i))) {
                    throw new IllegalArgumentException("chunk " + digest + " came where it was not asked for");
                }
                bytesReceived.addAndGet(frame.getStored().size());
                limit.moved(frame.getStored().size());
                if (isPlain(frame)) {
                    digests.add(digest);
                    plaintexts.add(Frames.toPieces(frame));
                }
            }
            CODECS.verify(digests, plaintexts);
            return plaintexts.iterator();
        } catch (IllegalArgumentException | ChunkException refused) {
            throw corrupt(refused);
        }
    }

    private static List<ByteBuffer> decoded(ChunkFrame frame, Scratch scratch) {
        try {
            return List.of(scratch.decode(Frames.toChunk(frame)));
        } catch (IllegalArgumentException | ChunkException refused) {
            throw corrupt(refused);
        }
    }

    private static boolean isPlain(ChunkFrame frame) {
        return frame.getCodec() == ChunkCodec.CHUNK_CODEC_NONE;
    }

    private static GatewayException corrupt(RuntimeException refused) {
        return new GatewayException(
                ErrorReason.ERROR_REASON_DATA_CORRUPT,
                "the gateway sent what it must not: " + refused.getMessage(),
                Map.of(),
                false,
                refused);
    }

    /** Where chunks are decoded that are not as they came, one after the other. */
    private static final class Scratch {
        private byte[] plaintext = {};

        private ByteBuffer decode(StoredChunk chunk) {
            if (plaintext.length < chunk.length()) {
                plaintext = new byte[chunk.length()];
            }
            CODECS.decode(chunk, plaintext, 0);
            return ByteBuffer.wrap(plaintext, 0, chunk.length());
        }
    }

    private static IOException rethrow(ExecutionException failed) {
        return switch (failed.getCause()) {
            case IOException thrown -> thrown;
            case RuntimeException thrown -> throw thrown;
            case Error thrown -> throw thrown;
            case null, default -> throw new IllegalStateException("a download cannot fail so", failed);
        };
    }
}
