package dev.tidegate.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.content.Codecs;
import dev.tidegate.content.SampleData;
import dev.tidegate.store.PackScan;
import dev.tidegate.store.PackSummary;
import dev.tidegate.testing.GatewayProcess;
import dev.tidegate.testing.SeededRandom;
import dev.tidegate.testing.TidegateCommandLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the program writes is a pack for whoever reads packs: checksums and digests are calculated by other code in a native
 * executable than here, and the two must agree.
 */
final class PacksOfTheProgramIT {

    @TempDir
    Path directory;

    @Test
    void areValidForAnotherReader(@SeededRandom Random random) throws IOException {
        // Given files of all lengths, from one byte to many chunks, that compress and that do not, and of all around
        // one
        // or two blocks of SHA-256
        Path tree = Files.createDirectory(directory.resolve("tree"));
        for (int length = 50; length < 140; length++) {
            Files.write(tree.resolve("block-" + length), SampleData.random(random, length));
        }
        for (int length = 1; length < 4 << 20; length = 3 * length + random.nextInt(3)) {
            Files.write(tree.resolve("random-" + length), SampleData.random(random, length));
            Files.writeString(tree.resolve("text-" + length), (random.nextInt() + " and again. ").repeat(length / 16));
        }

        try (GatewayProcess gateway = GatewayProcess.on(Files.createDirectory(directory.resolve("gateway")))
                .start()) {
            TidegateCommandLine tidegate = new TidegateCommandLine(Files.createDirectory(directory.resolve("commands")))
                    .withEnvironment("TIDEGATE_GATEWAY", gateway.host() + ":" + gateway.grpcPort());

            // When the program stores them, and seals its packs as it stops
            assertThat(tidegate.run("experiment", "create", "packs").code()).isZero();
            assertThat(tidegate.run("push", tree, "--artifact", "packs/checkpoints")
                            .code())
                    .isZero();
            gateway.terminate();

            // Then each record and each pack has the checksum that it has here, and each chunk its digest
            Codecs codecs = new Codecs();
            try (FilePackStore store = new FilePackStore(
                    gateway.dataDirectory().resolve("packs"), FilePackSettings.DEFAULT, InstantSource.system())) {
                List<PackScan> scans = store.list()
                        .map(PackSummary::pack)
                        .map(pack -> store.scan(pack, (_, _, chunk) -> codecs.verify(chunk)))
                        .toList();
                assertThat(scans).isNotEmpty().allMatch(PackScan::isSealed);
                assertThat(scans.stream().mapToLong(PackScan::records).sum()).isGreaterThan(110);
            }
        }
    }
}
