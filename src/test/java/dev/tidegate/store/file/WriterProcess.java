package dev.tidegate.store.file;

import dev.tidegate.content.StoredChunk;
import dev.tidegate.store.PackId;
import dev.tidegate.store.PackWriter;
import dev.tidegate.store.RecordGenerator;
import dev.tidegate.store.RecordLocation;
import dev.tidegate.store.RecordRequest;
import dev.tidegate.store.StoreException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * A process that writes one pack and says what it would acknowledge, to be killed or given a failing disk.
 *
 * <p>Its arguments are the directory, the number of batches (or a negative one: until it is killed) and the bytes of a
 * chunk. It prints a line for the created pack, one for each acknowledged chunk, and how it ended.
 */
final class WriterProcess {

    private WriterProcess() {}

    public static void main(String[] arguments) {
        Path directory = Path.of(arguments[0]);
        long batches = Long.parseLong(arguments[1]);
        int length = Integer.parseInt(arguments[2]);
        RecordGenerator records = new RecordGenerator(42);
        PrintStream out = System.out;
        PackId pack = records.pack();
        try (FilePackStore store = new FilePackStore(directory, FilePackSettings.DEFAULT, InstantSource.system());
                PackWriter writer = store.create(records.organisation(), pack)) {
            out.println("created " + pack);
            try {
                for (long batch = 0; batch != batches; batch++) {
                    List<RecordRequest> appended = new ArrayList<>();
                    for (int count = 0; count < 5; count++) {
                        StoredChunk chunk = records.chunk(length);
                        RecordLocation location = writer.append(chunk);
                        appended.add(new RecordRequest(location, chunk.digest()));
                    }
                    writer.commit();
                    for (RecordRequest request : appended) {
                        out.println("acknowledged " + request.location().offset() + " "
                                + request.location().storedLength() + " " + request.digest());
                    }
                }
                writer.seal();
                out.println("sealed");
            } catch (StoreException failure) {
                out.println("failed " + failure.getClass().getSimpleName());
                tryAgain(out, () -> writer.append(records.chunk(1)));
                tryAgain(out, writer::commit);
                tryAgain(out, writer::seal);
            }
        }
    }

    private static void tryAgain(PrintStream out, Runnable call) {
        try {
            call.run();
            out.println("alive");
        } catch (StoreException.Unavailable dead) {
            out.println("dead");
        }
    }
}
