package dev.tidegate.store.file;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Codec;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.store.PackId;
import dev.tidegate.store.PackWriter;
import dev.tidegate.store.RecordCursor;
import dev.tidegate.store.RecordGenerator;
import dev.tidegate.store.RecordRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Measures, on one thread: packs of 64 MiB in batches of 8 MiB of 256 KiB chunks, beside a file that is written and
 * flushed in the same steps, and reading them back, in order and not.
 *
 * <p>Its argument is a directory on the disk to measure, which needs 2 GiB.
 */
final class PackThroughput {

    private static final int CHUNK = 256 << 10;
    private static final int BATCH = 8 << 20;
    private static final int PACK = 64 << 20;
    private static final int PACKS = 8;
    private static final int ROUNDS = 9;
    private static final Map<String, List<Double>> MEASURED = new LinkedHashMap<>();

    private PackThroughput() {}

    public static void main(String[] arguments) throws IOException {
        Path directory = Files.createTempDirectory(Path.of(arguments[0]), "throughput");
        RecordGenerator records = new RecordGenerator(1);
        List<StoredChunk> heap = new ArrayList<>();
        List<StoredChunk> direct = new ArrayList<>();
        for (int index = 0; index < BATCH / CHUNK; index++) {
            StoredChunk chunk = records.chunk(ChunkKind.DATA, Codec.NONE, CHUNK);
            heap.add(copy(chunk, ByteBuffer.allocate(CHUNK)));
            direct.add(copy(chunk, ByteBuffer.allocateDirect(CHUNK)));
        }
        List<RecordGenerator> lanesRecords = List.of(new RecordGenerator(2), new RecordGenerator(3));
        try (FilePackStore store = new FilePackStore(directory, FilePackSettings.DEFAULT, InstantSource.system())) {
            for (int round = 0; round < ROUNDS; round++) {
                List<RecordRequest> requests = new ArrayList<>();
                List<RecordRequest> others = new ArrayList<>();
                measure("write and flush, raw", () -> raw(directory));
                measure("packs, chunks outside the heap", () -> requests.addAll(packs(store, records, direct)));
                measure("packs, chunks on the heap", () -> others.addAll(packs(store, records, heap)));
                try (ExecutorService lanes = Executors.newFixedThreadPool(2)) {
                    measure("packs, two writers at once, each", () -> {
                        List<Future<List<RecordRequest>>> both = new ArrayList<>();
                        for (RecordGenerator names : lanesRecords) {
                            both.add(lanes.submit(() -> packs(store, names, direct)));
                        }
                        for (Future<List<RecordRequest>> lane : both) {
                            others.addAll(join(lane));
                        }
                    });
                }
                measure("read, raw", () -> rawRead(directory));
                measure("batch read in order", () -> read(store, requests));
                List<RecordRequest> shuffled = new ArrayList<>(requests);
                Collections.shuffle(shuffled, new Random(1));
                measure("batch read in random order", () -> read(store, shuffled));
                measure("single reads in order", () -> requests.forEach(store::read));
                measure(
                        "scan",
                        () -> packsOf(requests).forEach(pack -> store.scan(pack, (header, location, chunk) -> {})));
                packsOf(requests).forEach(store::delete);
                packsOf(others).forEach(store::delete);
            }
        }
        MEASURED.forEach((what, rates) -> {
            Collections.sort(rates);
            System.out.printf(
                    Locale.ROOT,
                    "%-32s median %6.0f MB/s, %6.0f to %6.0f%n",
                    what,
                    rates.get(rates.size() / 2),
                    rates.getFirst(),
                    rates.getLast());
        });
    }

    private static <T> T join(Future<T> future) throws IOException {
        try {
            return future.get();
        } catch (InterruptedException | ExecutionException failure) {
            throw new IOException(failure);
        }
    }

    private static List<PackId> packsOf(List<RecordRequest> requests) {
        return requests.stream()
                .map(request -> request.location().pack())
                .distinct()
                .toList();
    }

    private static void raw(Path directory) throws IOException {
        ByteBuffer megabyte = ByteBuffer.allocateDirect(1 << 20);
        for (int pack = 0; pack < PACKS; pack++) {
            try (FileChannel channel = FileChannel.open(
                    directory.resolve("raw" + pack),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING)) {
                for (int written = 0; written < PACK; written += 1 << 20) {
                    channel.write(megabyte.clear());
                    if ((written + (1 << 20)) % BATCH == 0) {
                        channel.force(false);
                    }
                }
            }
        }
    }

    private static void rawRead(Path directory) throws IOException {
        ByteBuffer megabyte = ByteBuffer.allocateDirect(1 << 20);
        for (int pack = 0; pack < PACKS; pack++) {
            try (FileChannel channel = FileChannel.open(directory.resolve("raw" + pack), StandardOpenOption.READ)) {
                int count = 0;
                while (count >= 0) {
                    count = channel.read(megabyte.clear());
                }
            }
        }
    }

    private static List<RecordRequest> packs(FilePackStore store, RecordGenerator records, List<StoredChunk> batch) {
        List<RecordRequest> requests = new ArrayList<>();
        for (int pack = 0; pack < PACKS; pack++) {
            try (PackWriter writer = store.create(records.organisation(), records.pack())) {
                while (writer.length() < PACK) {
                    batch.forEach(chunk -> requests.add(new RecordRequest(writer.append(chunk), chunk.digest())));
                    writer.commit();
                }
                writer.seal();
            }
        }
        return requests;
    }

    private static void read(FilePackStore store, List<RecordRequest> requests) {
        try (RecordCursor cursor = store.readAll(requests)) {
            while (cursor.hasNext()) {
                cursor.next();
            }
        }
    }

    private static StoredChunk copy(StoredChunk chunk, ByteBuffer target) {
        ByteBuffer stored = target.put(chunk.stored().duplicate()).flip();
        return new StoredChunk(chunk.digest(), chunk.kind(), chunk.codec(), chunk.length(), stored);
    }

    private static void measure(String what, Directories.Action action) throws IOException {
        long start = System.nanoTime();
        action.run();
        double seconds = (System.nanoTime() - start) / 1e9;
        MEASURED.computeIfAbsent(what, first -> new ArrayList<>()).add(PACKS * (double) PACK / 1e6 / seconds);
    }
}
