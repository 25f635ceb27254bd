package dev.tidegate.store.file;

import dev.tidegate.content.ArrayPool;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.store.Batching;
import dev.tidegate.store.CoalescingCursor;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.store.PackFormat;
import dev.tidegate.store.PackHeader;
import dev.tidegate.store.PackId;
import dev.tidegate.store.PackScan;
import dev.tidegate.store.PackScanner;
import dev.tidegate.store.PackStore;
import dev.tidegate.store.PackSummary;
import dev.tidegate.store.PackWriter;
import dev.tidegate.store.RecordCursor;
import dev.tidegate.store.RecordRequest;
import dev.tidegate.store.RecordVisitor;
import dev.tidegate.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Packs as files; see {@link PackDirectory} for where they are. Any number of processes may share the directory: packs
 * are kept apart by their unique names, so that there is no lock.
 *
 * <p>A pack that a crash left unsealed is never appended to again; what was committed is read from it like from any
 * other.
 *
 * <p>What another process deletes may be readable here for as long as the file is held open, up to
 * {@link FilePackSettings#openPacks} packs.
 */
public final class FilePackStore implements PackStore {

    /**
     * A flush of 8 MiB costs about what 8 MiB cost: more brings little. But each commit costs the database as much as a
     * hundred chunks, so what comes in a stream waits for more of it, about as long as a flush takes.
     */
    private static final Batching BATCHING = new Batching(8 << 20, Duration.ofMillis(20), 256 << 10);

    /**
     * Windows small enough for hundreds of readers. Reads that spare small chunks the system call; large ones go alone,
     * because arrays from half a MiB on are a burden for the garbage collector where they are not used again. Gaps that an SSD
     * reads in the time of a request.
     */
    private static final CoalescingCursor.Bounds READS = new CoalescingCursor.Bounds(4 << 20, 256 << 10, 64 << 10);

    /** Chunks of the larger profiles, which are read alone, have up to so many bytes, but for the very largest. */
    private static final int LARGE_READ = (1 << 20) + PackFormat.RECORD_HEADER_LENGTH;

    /** Of each length. */
    private static final int ARRAYS = 16;

    /** Scans and lists touch every pack once: they must not drive those out that are read. */
    private static final int OPEN_FOR_SCANS = 4;

    private final PackDirectory directory;
    private final SpaceReserve space;
    private final InstantSource clock;
    private final WriteBuffers buffers = new WriteBuffers();
    private final ArrayPool arrays = new ArrayPool(ARRAYS, READS.read(), 2 * READS.read(), LARGE_READ);
    private final OpenPacks reading;
    private final OpenPacks scanning;

    /**
     * Opens a directory, creating it if there is none, and removes what kills have left half created.
     *
     * @param directory on a file system with POSIX semantics: a rename is atomic, a deleted file stays readable to those
     *     who have it open
     * @param clock dates packs, and tells stale files
     * @throws StoreException.Unavailable if the directory cannot be used
     */
    public FilePackStore(Path directory, FilePackSettings settings, InstantSource clock) {
        try {
            this.directory = PackDirectory.open(directory);
            this.directory.removeStale(clock.instant().minus(settings.staleAfter()));
            this.space = new SpaceReserve(directory, settings.reserve());
        } catch (IOException failure) {
            throw new StoreException.Unavailable("opening the pack directory " + directory + " failed", failure);
        }
        this.clock = clock;
        this.reading = new OpenPacks(this.directory::path, settings.openPacks());
        this.scanning = new OpenPacks(this.directory::path, OPEN_FOR_SCANS);
    }

    @Override
    public PackWriter create(OrganisationId organisation, PackId pack) {
        space.check(PackFormat.HEADER_LENGTH);
        ByteBuffer header = ByteBuffer.allocate(PackFormat.HEADER_LENGTH);
        PackFormat.putHeader(header, new PackHeader(organisation, pack, clock.instant()));
        try {
            FileChannel channel = directory.create(pack, header.flip());
            return new FilePackWriter(pack, directory.path(pack), channel, space, buffers, () -> delete(pack));
        } catch (IOException failure) {
            throw space.failure("creating pack " + pack, PackFormat.HEADER_LENGTH, failure);
        }
    }

    @Override
    public StoredChunk read(RecordRequest request) {
        return CoalescingCursor.readOne(reading, request);
    }

    @Override
    public RecordCursor readAll(List<RecordRequest> requests) {
        return new CoalescingCursor(reading, requests, READS, arrays);
    }

    @Override
    public PackScan scan(PackId pack, RecordVisitor visitor) {
        return new PackScanner(scanning, pack).scan(visitor);
    }

    @Override
    public Stream<PackSummary> list() {
        return directory.list().flatMap(this::summary);
    }

    @Override
    public void delete(PackId pack) {
        try {
            directory.delete(pack);
        } catch (IOException failure) {
            throw new StoreException.Unavailable("deleting pack " + pack + " failed", failure);
        } finally {
            reading.remove(pack);
            scanning.remove(pack);
        }
    }

    @Override
    public Batching batching() {
        return BATCHING;
    }

    @Override
    public long usableSpace() {
        return space.usableSpace();
    }

    @Override
    public void checkWritable() {
        byte[] probe = UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII);
        // Room for a few bytes is not enough: whoever pushes needs it for a whole record.
        space.check(PackFormat.MAX_RECORD_LENGTH);
        Path file = directory.probe();
        try {
            try (FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
                ByteBuffer bytes = ByteBuffer.wrap(probe);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(false);
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException failure) {
            throw space.failure("writing a probe", probe.length, failure);
        }
    }

    @Override
    public void close() {
        reading.close();
        scanning.close();
    }

    /** Where the packs are, for tests. */
    PackDirectory directory() {
        return directory;
    }

    private Stream<PackSummary> summary(PackId pack) {
        try {
            long length = scanning.length(pack);
            long end = length - PackFormat.TRAILER_LENGTH;
            ByteBuffer trailer = ByteBuffer.allocate(PackFormat.TRAILER_LENGTH);
            if (end >= PackFormat.HEADER_LENGTH) {
                scanning.read(pack, end, trailer);
            }
            boolean sealed = PackFormat.trailer(pack, end, trailer.flip()).isPresent();
            return Stream.of(new PackSummary(pack, length, sealed));
        } catch (StoreException.NoSuchPack deletedMeanwhile) {
            return Stream.empty();
        }
    }
}
