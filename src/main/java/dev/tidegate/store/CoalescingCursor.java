package dev.tidegate.store;

import dev.tidegate.content.ArrayPool;
import dev.tidegate.content.StoredChunk;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads records in the requested order with few, large reads, on any kind of storage.
 *
 * <p>Requests are planned a window at a time. Within a window they are sorted by pack and offset, and neighbours whose
 * gap is small form a run, which is read at once when the first of its records is asked for and let go with its last.
 * In the order in which chunks were appended one run is held at a time; in the worst order, all runs of a window.
 *
 * <p>What was read is never read into again unless its reader says that it may be, with {@link #recycle}: so slices of it can
 * be handed to a network stack that sends them later, without a copy.
 */
public final class CoalescingCursor implements RecordCursor {

    private static final int MAX_WINDOW_REQUESTS = 4096;

    /** Of a reader that recycles nothing, only so many reads are remembered. */
    private static final int MAX_GIVEN = 16;

    /**
     * How requests are put together.
     *
     * @param window the most bytes of records that are planned at once; with the gaps twice as many, and arrays for twice
     *     as many again, may be held
     * @param read the most bytes that one read takes, unless one record alone is longer
     * @param gap the most unwanted bytes between two records of one read: about what storage reads while it would seek
     */
    public record Bounds(int window, int read, int gap) {

        /**
         * Checks the bounds.
         *
         * @throws IllegalArgumentException if a window or a read could take nothing, or the gap is negative
         */
        public Bounds {
            if (window < 1 || read < 1 || gap < 0) {
                throw new IllegalArgumentException(
                        "cannot plan windows of " + window + ", reads of " + read + ", gaps of " + gap);
            }
        }
    }

    private final PackBytes storage;
    private final List<RecordRequest> requests;
    private final Bounds bounds;
    private final ArrayPool arrays;
    private final Deque<Planned> window = new ArrayDeque<>();

    /** What was read and whose last record was given. */
    private final Deque<byte[]> given = new ArrayDeque<>();

    private int planned;
    private boolean closed;

    /**
     * Will read {@code requests}, which nobody changes meanwhile, from {@code storage}.
     *
     * @param arrays are read into
     */
    public CoalescingCursor(PackBytes storage, List<RecordRequest> requests, Bounds bounds, ArrayPool arrays) {
        this.storage = storage;
        this.requests = requests;
        this.bounds = bounds;
        this.arrays = arrays;
    }

    /**
     * Reads one record.
     *
     * @throws StoreException as {@link PackStore#read} does
     */
    public static StoredChunk readOne(PackBytes storage, RecordRequest request) {
        return readOne(storage, request, ByteBuffer.allocate(recordLength(request)));
    }

    private static StoredChunk readOne(PackBytes storage, RecordRequest request, ByteBuffer target) {
        RecordLocation location = request.location();
        if (location.storedLength() > StoredChunk.MAX_LENGTH) {
            throw new StoreException.CorruptRecord(
                    location.pack(), location.offset(), "no record stores " + location.storedLength() + " bytes");
        }
        storage.read(location.pack(), location.offset(), target);
        return PackFormat.record(request, target.flip());
    }

    @Override
    public boolean hasNext() {
        return !closed && (!window.isEmpty() || planned < requests.size());
    }

    @Override
    public int nextLength() {
        requireNext();
        RecordRequest next =
                window.isEmpty() ? requests.get(planned) : window.element().request();
        return next.location().storedLength();
    }

    @Override
    public StoredChunk next() {
        requireNext();
        if (window.isEmpty()) {
            plan();
        }
        Planned next = window.remove();
        Run run = next.run();
        if (run.isSingle() || !run.load(storage, arrays)) {
            int length = recordLength(next.request());
            byte[] target = arrays.take(length);
            given(target);
            return readOne(storage, next.request(), ByteBuffer.wrap(target, 0, length));
        }
        ByteBuffer record = run.from(next.request().location().offset());
        if (run.isGiven()) {
            given(run.array());
        }
        return PackFormat.record(next.request(), record);
    }

    private void requireNext() {
        if (!hasNext()) {
            throw new NoSuchElementException("all " + requests.size() + " records have been read");
        }
    }

    private void given(byte[] read) {
        if (given.size() == MAX_GIVEN) {
            given.remove();
        }
        given.add(read);
    }

    @Override
    public void recycle() {
        given.forEach(arrays::giveBack);
        given.clear();
    }

    @Override
    public void close() {
        closed = true;
        window.clear();
        given.clear();
    }

    private void plan() {
        int from = planned;
        long bytes = 0;
        while (planned < requests.size()
                && planned - from < MAX_WINDOW_REQUESTS
                && (planned == from || bytes + recordLength(requests.get(planned)) <= bounds.window())) {
            bytes += recordLength(requests.get(planned));
            planned++;
        }
        List<Integer> sorted = new ArrayList<>();
        for (int index = from; index < planned; index++) {
            sorted.add(index);
        }
        sorted.sort(Comparator.comparing(
                        (Integer index) -> requests.get(index).location().pack().value())
                .thenComparing(index -> requests.get(index).location().offset()));
        Run[] runs = new Run[planned - from];
        @Nullable Run run = null;
        long gapsLeft = bounds.window();
        for (int index : sorted) {
            RecordRequest request = requests.get(index);
            int gap = run == null ? 0 : run.extend(request, bounds.read(), Math.min(bounds.gap(), gapsLeft));
            if (run == null || gap < 0) {
                run = new Run(request);
            } else {
                gapsLeft -= gap;
            }
            runs[index - from] = run;
        }
        for (int index = from; index < planned; index++) {
            window.add(new Planned(requests.get(index), runs[index - from]));
        }
    }

    private static int recordLength(RecordRequest request) {
        // A lying location costs no more than the longest record; readOne refuses it.
        return PackFormat.RECORD_HEADER_LENGTH + Math.min(request.location().storedLength(), StoredChunk.MAX_LENGTH);
    }

    private record Planned(RecordRequest request, Run run) {}

    /** Records of one pack that are read together. Unreachable, and so let go, once its last record was given. */
    private static final class Run {

        private final PackId pack;
        private final long start;
        private long end;
        private int records = 1;
        private int given;
        private byte @Nullable [] array;
        private @Nullable ByteBuffer bytes;
        private boolean failed;

        Run(RecordRequest first) {
            pack = first.location().pack();
            start = first.location().offset();
            end = start + recordLength(first);
        }

        /**
         * Takes the next request in the order of offsets, if it is near enough; the same one may come twice.
         *
         * @return the gap to it in bytes, or -1 if it was not taken
         */
        int extend(RecordRequest request, int maxRead, long maxGap) {
            RecordLocation location = request.location();
            long newEnd = Math.max(end, location.offset() + recordLength(request));
            if (!location.pack().equals(pack) || location.offset() - end > maxGap || newEnd - start > maxRead) {
                return -1;
            }
            int gap = (int) Math.max(0, location.offset() - end);
            end = newEnd;
            records++;
            return gap;
        }

        boolean isSingle() {
            return records == 1;
        }

        /** Reads the run, once. False if that failed: one bad sector must not cost its neighbours, so they go alone. */
        boolean load(PackBytes storage, ArrayPool arrays) {
            if (bytes == null && !failed) {
                int length = (int) (end - start);
                array = arrays.take(length);
                ByteBuffer target = ByteBuffer.wrap(array, 0, length);
                try {
                    storage.read(pack, start, target);
                    bytes = target.flip();
                } catch (StoreException.Unavailable readAlone) {
                    failed = true;
                }
            }
            return !failed;
        }

        byte[] array() {
            return Objects.requireNonNull(array);
        }

        /** Whether all its records were given. */
        boolean isGiven() {
            return given == records;
        }

        /** Returns what stands from an offset on, for one of the records. */
        ByteBuffer from(long offset) {
            given++;
            ByteBuffer loaded = Objects.requireNonNull(bytes);
            int index = (int) Math.min(offset - start, loaded.limit());
            return loaded.slice(index, loaded.limit() - index);
        }
    }
}
