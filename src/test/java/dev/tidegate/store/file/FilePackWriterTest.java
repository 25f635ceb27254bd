package dev.tidegate.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Codec;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.store.PackFormat;
import dev.tidegate.store.RecordGenerator;
import dev.tidegate.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilePackWriterTest {

    @TempDir
    private Path directory;

    private final RecordGenerator records = new RecordGenerator(31);

    /** What follows would be behind a stray part of a record, and not where its location says. */
    @Test
    void anErrorInTheMiddleOfARecordEndsTheWriter() throws IOException {
        // Given a record that is durable
        Path path = Files.write(directory.resolve("pack"), new byte[PackFormat.HEADER_LENGTH]);
        FailingChannel channel = new FailingChannel(FileChannel.open(path, StandardOpenOption.APPEND));
        FilePackWriter writer = new FilePackWriter(
                records.pack(), path, channel, new SpaceReserve(directory, 0), new WriteBuffers(), () -> {});
        writer.append(records.chunk(1_000));
        writer.commit();
        long committed = writer.length();

        // When a chunk that is written from where it lies comes no further than its header
        OutOfMemoryError error = new OutOfMemoryError("as the test wants it");
        channel.failure = error;
        ByteBuffer large = ByteBuffer.allocateDirect(100_000);
        StoredChunk chunk =
                new StoredChunk(Digest.of(large.duplicate()), ChunkKind.DATA, Codec.NONE, large.remaining(), large);
        assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(() -> writer.append(chunk));
        channel.failure = null;

        // Then
        assertThatExceptionOfType(StoreException.Unavailable.class)
                .isThrownBy(() -> writer.append(records.chunk(1_000)))
                .withCause(error);
        assertThatExceptionOfType(StoreException.Unavailable.class).isThrownBy(writer::commit);
        assertThatExceptionOfType(StoreException.Unavailable.class).isThrownBy(writer::seal);
        writer.close();
        assertThat(path).hasSize(committed);
    }

    /** A file whose writes fail while there is a failure. */
    private static final class FailingChannel extends FileChannel {

        private final FileChannel file;
        private @Nullable Error failure;

        private FailingChannel(FileChannel file) {
            this.file = file;
        }

        private void fail() {
            if (failure != null) {
                throw failure;
            }
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            fail();
            return file.write(source);
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
            fail();
            return file.write(sources, offset, length);
        }

        @Override
        public void force(boolean metadata) throws IOException {
            file.force(metadata);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            file.close();
        }

        @Override
        public int read(ByteBuffer target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long read(ByteBuffer[] targets, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(ByteBuffer target, long position) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int write(ByteBuffer source, long position) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long position() {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileChannel position(long position) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long size() {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileChannel truncate(long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferFrom(ReadableByteChannel source, long position, long count) {
            throw new UnsupportedOperationException();
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock lock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }
    }
}
