package dev.tidegate.store.file;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Codec;
import dev.tidegate.content.StoredChunk;
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
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Measures, on one thread: packs of 64 MiB in batches of 8 MiB of 256 KiB chunks, beside a file that is written and
 * flushed in the same steps, and reading them back, in order and not.
 *
 * <p>Its argument is a directory on the disk to measure, which needs 1 GiB.
 */
final class PackThroughput {

    private static final int CHUNK = 256 << 10;
    private static final int BATCH = 8 << 20;
    private static final int PACK = 64 << 20;
    private static final int PACKS = 8;

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
        try (FilePackStore store = new FilePackStore(directory, FilePackSettings.DEFAULT, InstantSource.system())) {
            for (int round = 1; round <= 5; round++) {
                System.out.println("round " + round);
                measure("raw write and flush", () -> raw(directory));
                List<RecordRequest> requests = new ArrayList<>();
                measure("packs, chunks outside the heap", () -> requests.addAll(packs(store, records, direct)));
                measure("packs, chunks on the heap", () -> packs(store, records, heap)
                        .forEach(request -> store.delete(request.location().pack())));
                measure("raw read", () -> rawRead(directory));
                measure("batch read in order", () -> read(store, requests));
                List<RecordRequest> shuffled = new ArrayList<>(requests);
                Collections.shuffle(shuffled, new Random(1));
                measure("batch read in random order", () -> read(store, shuffled));
                measure("single reads in order", () -> requests.forEach(store::read));
                measure(
                        "scan",
                        () -> requests.stream()
                                .map(request -> request.location().pack())
                                .distinct()
                                .forEach(pack -> store.scan(pack, (header, location, chunk) -> {})));
                requests.forEach(request -> store.delete(request.location().pack()));
            }
        }
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
            try (FileChannel channel =
                    FileChannel.open(directory.resolve("raw" + pack), StandardOpenOption.READ)) {
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
        System.out.printf(Locale.ROOT, "  %-32s %6.0f MB/s%n", what, PACKS * (double) PACK / 1e6 / seconds);
    }
}
