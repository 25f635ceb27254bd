package dev.tidegate.store;

import dev.tidegate.content.ArrayPool;
import dev.tidegate.content.StoredChunk;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Packs in memory, for tests. Like files, or like the objects of an object store, which cannot grow. Thread-safe. */
public final class InMemoryPackStore implements PackStore {

    private static final byte[] BEGUN = {};

    private final Map<PackId, byte[]> packs = new ConcurrentHashMap<>();
    private final boolean objects;
    private volatile boolean closed;
    private volatile boolean full;

    private final PackBytes bytes = new PackBytes() {
        @Override
        public long length(PackId pack) {
            return bytes(pack).length;
        }

        @Override
        public void read(PackId pack, long offset, ByteBuffer target) {
            byte[] all = bytes(pack);
            int start = (int) Math.min(offset, all.length);
            target.put(all, start, Math.min(target.remaining(), all.length - start));
        }
    };

    private final ArrayPool arrays = new ArrayPool(16, 32 << 10);

    private InMemoryPackStore(boolean objects) {
        this.objects = objects;
    }

    /** Packs that can grow after a commit. */
    public static InMemoryPackStore likeFiles() {
        return new InMemoryPackStore(false);
    }

    /** Packs that the first commit finishes. */
    public static InMemoryPackStore likeObjects() {
        return new InMemoryPackStore(true);
    }

    /** From here on every write fails for want of space, or no more. */
    public void full(boolean full) {
        this.full = full;
    }

    /** The committed bytes of a pack. */
    public byte[] bytes(PackId pack) {
        if (closed) {
            throw new IllegalStateException("the pack store is closed");
        }
        byte[] committed = packs.get(pack);
        if (committed == null || committed.length == 0) {
            throw new StoreException.NoSuchPack(pack);
        }
        return committed;
    }

    /** Puts other bytes into a pack, as rot would. */
    public void replace(PackId pack, byte[] content) {
        packs.put(pack, content);
    }

    @Override
    public PackWriter create(OrganisationId organisation, PackId pack) {
        checkWritable();
        if (packs.putIfAbsent(pack, BEGUN) != null) {
            throw new StoreException.PackExists(pack);
        }
        return new Writer(new PackHeader(organisation, pack, Instant.EPOCH));
    }

    @Override
    public StoredChunk read(RecordRequest request) {
        return CoalescingCursor.readOne(bytes, request);
    }

    @Override
    public RecordCursor readAll(List<RecordRequest> requests) {
        return new CoalescingCursor(bytes, requests, new CoalescingCursor.Bounds(64 << 10, 32 << 10, 1 << 10), arrays);
    }

    @Override
    public PackScan scan(PackId pack, RecordVisitor visitor) {
        return new PackScanner(bytes, pack).scan(visitor);
    }

    @Override
    public Stream<PackSummary> list() {
        return packs.entrySet().stream()
                .filter(pack -> pack.getValue().length > 0)
                .map(pack -> {
                    int end = pack.getValue().length - PackFormat.TRAILER_LENGTH;
                    boolean sealed = end >= 0
                            && PackFormat.trailer(
                                            pack.getKey(),
                                            end,
                                            ByteBuffer.wrap(pack.getValue()).position(end))
                                    .isPresent();
                    return new PackSummary(pack.getKey(), pack.getValue().length, sealed);
                });
    }

    @Override
    public void delete(PackId pack) {
        packs.remove(pack);
    }

    @Override
    public Batching batching() {
        return Batching.atOnce(1 << 20);
    }

    @Override
    public long usableSpace() {
        return full ? 0 : Long.MAX_VALUE;
    }

    @Override
    public void checkWritable() {
        if (full) {
            throw new StoreException.Full("the test says so", null);
        }
    }

    @Override
    public void close() {
        closed = true;
    }

    private final class Writer implements PackWriter {

        private final PackId pack;
        private final ByteArrayOutputStream content = new ByteArrayOutputStream();
        private final RecordChecksums checksums = new RecordChecksums();
        private int committed;
        private boolean finished;
        private boolean dead;
        private boolean closed;

        Writer(PackHeader header) {
            pack = header.pack();
            ByteBuffer bytes = ByteBuffer.allocate(PackFormat.HEADER_LENGTH);
            PackFormat.putHeader(bytes, header);
            content.writeBytes(bytes.array());
        }

        @Override
        public PackId pack() {
            return pack;
        }

        @Override
        public RecordLocation append(StoredChunk chunk) {
            requireAlive();
            if (finished) {
                throw new IllegalStateException("pack " + pack + " is finished");
            }
            ByteBuffer bytes = ByteBuffer.allocate(PackFormat.RECORD_HEADER_LENGTH + chunk.storedLength());
            RecordLocation location = new RecordLocation(pack, content.size(), chunk.storedLength());
            checksums.add(PackFormat.putRecordHeader(bytes, pack, content.size(), chunk));
            content.writeBytes(bytes.put(chunk.stored().duplicate()).array());
            return location;
        }

        @Override
        public void commit() {
            requireAlive();
            if (!finished && checksums.records() > 0 && content.size() > committed) {
                if (objects) {
                    seal();
                } else {
                    publish();
                }
            }
        }

        @Override
        public boolean isFinished() {
            return finished;
        }

        @Override
        public long length() {
            return content.size();
        }

        @Override
        public void seal() {
            requireAlive();
            if (!finished) {
                ByteBuffer trailer = ByteBuffer.allocate(PackFormat.TRAILER_LENGTH);
                PackFormat.putTrailer(trailer, pack, checksums.trailer(content.size()));
                content.writeBytes(trailer.array());
                publish();
                finished = true;
            }
        }

        @Override
        public void close() {
            if (!closed && committed == 0) {
                packs.remove(pack, BEGUN);
            }
            closed = true;
        }

        private void publish() {
            packs.put(pack, content.toByteArray());
            committed = content.size();
        }

        private void requireAlive() {
            if (closed) {
                throw new IllegalStateException("the writer of pack " + pack + " is closed");
            }
            if (dead) {
                throw new StoreException.Unavailable("the writer of pack " + pack + " has failed before", null);
            }
            if (full) {
                dead = true;
                throw new StoreException.Full("the test says so", null);
            }
        }
    }
}
