package dev.tidegate.cli;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.tidegate.terminal.StandardStream;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/**
 * Standard output for results: UTF-8 whatever the locale, buffered, and every failure to write is told, where {@code
 * System.out} would keep silent.
 */
final class Output implements AutoCloseable {

    private static final int BUFFER = 64 << 10;

    private final OutputStream stream;

    private Output(OutputStream stream) {
        this.stream = stream;
    }

    /** Opens the process' standard output. Closing the result flushes it and leaves the descriptor open. */
    static Output open() {
        return new Output(new BufferedOutputStream(new Descriptor(), BUFFER));
    }

    /** What the parser of command lines and the progress write to. */
    static PrintWriter writer(FileDescriptor descriptor) {
        return new PrintWriter(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    /** The bytes themselves. */
    OutputStream stream() {
        return stream;
    }

    /** Prints a line, which holds nothing that is not printable. */
    void line(String line) throws IOException {
        stream.write(line.getBytes(StandardCharsets.UTF_8));
        stream.write('\n');
    }

    /** Prints lines. */
    void lines(Iterable<String> lines) throws IOException {
        for (String line : lines) {
            line(line);
        }
    }

    /** Prints one JSON object on one line. */
    void json(JsonBody body) throws IOException {
        JsonGenerator json = new JsonFactory().createGenerator(stream, JsonEncoding.UTF8);
        json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        json.disable(JsonGenerator.Feature.AUTO_CLOSE_JSON_CONTENT);
        json.writeStartObject();
        body.writeTo(json);
        json.writeEndObject();
        json.writeRaw('\n');
        json.flush();
    }

    /** Hands over what was printed so far. */
    void flush() throws IOException {
        stream.flush();
    }

    @Override
    public void close() throws IOException {
        stream.flush();
    }

    /** The members of a JSON object. */
    @FunctionalInterface
    interface JsonBody {
        /** Writes them. */
        void writeTo(JsonGenerator json) throws IOException;
    }

    /** Tells a reader that went away from a disk that is full. */
    private static final class Descriptor extends OutputStream {
        private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (IOException failed) {
                if (StandardStream.OUT.isPipe()) {
                    throw new OutputClosedException(failed);
                }
                throw new IOException("standard output cannot be written: " + failed.getMessage(), failed);
            }
        }
    }
}
