package dev.tidegate.workstation.sync;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests of syncs into a directory that does not exist yet, from a gateway that holds what each makes. */
abstract class BenchTests {

    @TempDir
    Path temporary;

    SyncBench bench;
    Path target;

    @BeforeEach
    final void open() {
        target = temporary.resolve("target");
        bench = new SyncBench(target);
    }

    @AfterEach
    final void close() {
        bench.close();
    }
}
