package dev.tidegate.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.testing.SeededRandom;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChunkReaderTest {

    private record Seen(long offset, int length, Digest digest) {}

    private final Chunker chunker = new Chunker(ChunkingProfile.ofAverage(4 << 10));
    private final Codecs codecs = new Codecs();
    private final ChunkReader reader = new ChunkReader(chunker);

    @Test
    void cutsAStreamAsItCutsTheWhole(@SeededRandom Random random) throws IOException {
        for (int round = 0; round < 40; round++) {
            // Given
            byte[] data = SampleData.random(random, random.nextInt(400_000));
            ByteArrayOutputStream read = new ByteArrayOutputStream();

            // When
            reader.open(new Trickle(data, random), 0);
            List<Seen> seen = readAll(read);

            // Then
            assertThat(seen).isEqualTo(expected(data, 0));
            assertThat(read.toByteArray()).isEqualTo(data);
        }
    }

    @Test
    void cutsAChannelFromAnOffset(@TempDir Path directory, @SeededRandom Random random) throws IOException {
        // Given
        byte[] data = SampleData.random(random, 300_000);
        Path file = Files.write(directory.resolve("data"), data);
        List<Seen> expected = expected(data, 0);
        Seen third = expected.get(2);
        try (FileChannel channel = FileChannel.open(file)) {
            channel.position(third.offset());

            // When
            reader.open(channel, third.offset());
            List<Seen> seen = readAll(new ByteArrayOutputStream());

            // Then
            assertThat(seen).isEqualTo(expected.subList(2, expected.size()));
        }
    }

    @Test
    void givesNothingForAnEmptyInputAndDropsAnEarlierOne(@SeededRandom Random random) throws IOException {
        // Given
        reader.open(new ByteArrayInputStream(SampleData.random(random, 100_000)), 0);
        assertThat(reader.next()).isNotNull();

        // When
        reader.open(InputStream.nullInputStream(), 0);

        // Then
        assertThat(reader.next()).isNull();
        assertThat(reader.next()).isNull();
        assertThat(new ChunkReader(chunker).next()).isNull();
    }

    @Test
    void whatIsKeptStaysAsItIsWhileOthersAreRead(@SeededRandom Random random) throws IOException {
        // Given
        List<Kept> kept = new ArrayList<>();
        int length = ChunkReader.bufferLength(chunker.profile());
        Slabs slabs = new Slabs(3, length, () -> releaseAll(kept));
        ChunkReader keeping = new ChunkReader(chunker, slabs);
        for (int round = 0; round < 200; round++) {
            byte[] data = SampleData.random(random, random.nextInt(random.nextBoolean() ? 5_000 : 400_000));
            List<Seen> seen = new ArrayList<>();

            // When
            keeping.open(new Trickle(data, random), 0);
            for (@Nullable Chunk chunk = keeping.next(); chunk != null; chunk = keeping.next()) {
                seen.add(new Seen(chunk.offset(), chunk.length(), chunk.digest()));
                if (random.nextInt(3) > 0) {
                    kept.add(new Kept(chunk, keeping.keep()));
                }
                if (!kept.isEmpty() && random.nextInt(3) > 0) {
                    kept.remove(random.nextInt(kept.size())).release();
                }
            }

            // Then
            assertThat(seen).isEqualTo(expected(data, 0));
        }
        releaseAll(kept);
    }

    private static void releaseAll(List<Kept> kept) {
        kept.forEach(Kept::release);
        kept.clear();
    }

    /** A chunk that must be what it was until it is released. */
    private record Kept(Chunk chunk, Slabs.Slab slab) {
        void release() {
            assertThat(Digest.of(chunk.bytes().duplicate())).isEqualTo(chunk.digest());
            slab.release();
        }
    }

    @Test
    void keepsNothingInASingleBuffer(@SeededRandom Random random) throws IOException {
        reader.open(new ByteArrayInputStream(SampleData.random(random, 10_000)), 0);
        reader.next();

        assertThatThrownBy(reader::keep).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void refusesInputsThatCouldStallIt() throws IOException {
        // Given
        Pipe pipe = Pipe.open();
        pipe.source().configureBlocking(false);
        InputStream idle = new InputStream() {
            @Override
            public int read() {
                throw new UnsupportedOperationException();
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                return 0;
            }
        };

        // When, Then
        assertThatThrownBy(() -> reader.open(pipe.source(), 0)).isInstanceOf(IllegalBlockingModeException.class);
        reader.open(idle, 0);
        assertThatThrownBy(reader::next).isInstanceOf(IOException.class);
        pipe.source().close();
        pipe.sink().close();
    }

    private List<Seen> readAll(ByteArrayOutputStream bytes) throws IOException {
        List<Seen> seen = new ArrayList<>();
        for (@Nullable Chunk chunk = reader.next(); chunk != null; chunk = reader.next()) {
            assertThat(Digest.of(chunk.bytes())).isEqualTo(chunk.digest());
            bytes.write(chunk.bytes().array(), chunk.bytes().arrayOffset(), chunk.length());
            assertThat(codecs.encode(chunk).digest()).isEqualTo(chunk.digest());
            seen.add(new Seen(chunk.offset(), chunk.length(), chunk.digest()));
        }
        return seen;
    }

    private List<Seen> expected(byte[] data, int from) {
        List<Seen> seen = new ArrayList<>();
        for (int offset = from; offset < data.length; ) {
            int length = chunker.cut(data, offset, data.length, true);
            seen.add(new Seen(offset, length, Digest.of(data, offset, length)));
            offset += length;
        }
        return seen;
    }

    /** Returns few bytes or many at a time. */
    private static final class Trickle extends ByteArrayInputStream {

        private final Random random;

        private Trickle(byte[] data, Random random) {
            super(data);
            this.random = random;
        }

        @Override
        public synchronized int read(byte[] target, int offset, int length) {
            return super.read(
                    target, offset, 1 + random.nextInt(random.nextInt(16) == 0 ? length : Math.min(length, 700)));
        }
    }
}
