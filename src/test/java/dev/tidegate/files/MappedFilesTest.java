package dev.tidegate.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.manifest.Timestamp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On maps as the kernel writes them. */
final class MappedFilesTest {

    private static final long MAPPED = 1234;

    @TempDir
    private Path processes;

    @Test
    void onlyWhatIsSharedForWritingCounts() throws IOException {
        // Given
        maps(7, """
                7f0000000000-7f0000001000 r--s 00000000 fe:00 1                          /data/read only
                7f0000001000-7f0000002000 rw-p 00000000 fe:00 2                          /data/private
                7f0000002000-7f0000003000 rw-s 00001000 fe:00 1234                       /data/with a space
                7f0000003000-7f0000004000 rw-p 00000000 00:00 0
                7f0000004000-7f0000005000 rw-s 00000000 00:1b 18446744073709551615 /data/largest
                ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
                no line
                """);
        Files.createDirectory(processes.resolve("8"));
        maps(9, "");
        MappedFiles mapped = new MappedFiles(processes, InstantSource.system());

        // Then
        assertThat(mapped.mayChangeUnseen(stamp(MAPPED, 3600))).isTrue();
        assertThat(mapped.mayChangeUnseen(stamp(-1, 3600))).isTrue();
        for (long other : new long[] {0, 1, 2, 3}) {
            assertThat(mapped.mayChangeUnseen(stamp(other, 3600)))
                    .as("inode %d", other)
                    .isFalse();
        }
    }

    @Test
    void whatChangedSinceTheLastLookIsNotTrusted() {
        MappedFiles mapped = new MappedFiles(processes, InstantSource.system());
        assertThat(mapped.mayChangeUnseen(stamp(1, 3600))).isFalse();
        assertThat(mapped.mayChangeUnseen(stamp(1, -3600))).isTrue();
    }

    @Test
    void whereNothingIsToldNothingIsMapped() {
        assertThat(new MappedFiles(processes.resolve("absent"), InstantSource.system())
                        .mayChangeUnseen(stamp(MAPPED, 3600)))
                .isFalse();
    }

    @Test
    void aLookAtATimeThatComesAgainTellsNothing() throws IOException {
        // Given a look by a clock that goes wrong, and a file that is mapped and written to after it was set right
        AtomicReference<Instant> now = new AtomicReference<>(Instant.now().plusSeconds(600));
        MappedFiles mapped = new MappedFiles(processes, now::get);
        assertThat(mapped.mayChangeUnseen(stamp(1, 3600))).isFalse();
        now.set(Instant.now());
        maps(7, "7f0000002000-7f0000003000 rw-s 00001000 fe:00 1234 /data/mapped\n");
        // Then it is not taken for older than the look, not even when its time has come
        assertThat(mapped.mayChangeUnseen(stamp(MAPPED, 60))).isTrue();
        now.set(Instant.now().plusSeconds(601));
        assertThat(mapped.mayChangeUnseen(stamp(MAPPED, 60))).isTrue();
    }

    private void maps(int process, String lines) throws IOException {
        Files.writeString(
                Files.createDirectory(processes.resolve(Integer.toString(process)))
                        .resolve("maps"),
                lines);
    }

    private static FileStamp stamp(long inode, int secondsAgo) {
        Timestamp then = Timestamp.of(Instant.now().minusSeconds(secondsAgo));
        return new FileStamp(FileStamp.Type.FILE, 1, 0644, then, then, inode);
    }
}
