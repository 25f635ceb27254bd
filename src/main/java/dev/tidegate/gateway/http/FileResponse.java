package dev.tidegate.gateway.http;

import dev.tidegate.catalog.Snapshot;
import dev.tidegate.content.Digest;
import dev.tidegate.gateway.files.FileBytes;
import dev.tidegate.gateway.files.SnapshotFiles;
import dev.tidegate.gateway.http.ByteRanges.Served;
import dev.tidegate.manifest.Content;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.TreePath;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** Answers with a file, or a part of it. */
final class FileResponse {

    /** The last second that has a date of four-digit years. */
    private static final long LAST_DATE = 253_402_300_799L;

    private final SnapshotFiles files;
    private final Exchange exchange;
    private final Snapshot snapshot;
    private final boolean numbered;
    private final TreePath path;
    private final Entry.RegularFile file;
    private final Preconditions conditions;

    FileResponse(
            SnapshotFiles files,
            Exchange exchange,
            Snapshot snapshot,
            boolean numbered,
            TreePath path,
            Entry.RegularFile file) {
        this.files = files;
        this.exchange = exchange;
        this.snapshot = snapshot;
        this.numbered = numbered;
        this.path = path;
        this.file = file;
        this.conditions = new Preconditions("\"" + tag(file.content()) + "\"", modified(file, exchange.now()));
    }

    /** Equal content has an equal form, so the digest of its chunk or tree tells it from any other. */
    private static String tag(Content content) {
        return content.identity().map(Digest::toString).orElse("empty");
    }

    /** A time of modification that lies in the future, or that no HTTP date can tell, is none that a client could use. */
    private static Optional<Instant> modified(Entry.RegularFile file, Instant now) {
        long seconds = file.mtime().seconds();
        return seconds < 0 || seconds > Math.min(LAST_DATE, now.getEpochSecond())
                ? Optional.empty()
                : Optional.of(Instant.ofEpochSecond(seconds));
    }

    void serve() throws IOException {
        Preconditions.Given given = new Preconditions.Given(
                exchange.request().getHeader("If-Match"),
                exchange.request().getHeader("If-None-Match"),
                exchange.request().getHeader("If-Modified-Since"),
                exchange.request().getHeader("If-Unmodified-Since"),
                exchange.request().getHeader("If-Range"));
        switch (conditions.evaluate(given)) {
            case FAILED ->
                exchange.fail(new Problem(
                        412,
                        "PRECONDITION_FAILED",
                        "\"" + path + "\" is not what the request is about: its ETag is " + conditions.etag(),
                        Map.of("path", path.toString(), "etag", conditions.etag())));
            case NOT_MODIFIED -> begin(304).end();
            case PROCEED -> content(given);
        }
    }

    private void content(Preconditions.Given given) throws IOException {
        Optional<String> header = exchange.header("Range");
        Served served = header.isPresent() && !exchange.isHead() && conditions.rangeApplies(given)
                ? ByteRanges.parse(header.get(), file.size())
                : new Served.Whole();
        switch (served) {
            case Served.Whole() -> send(begin(200), 0, file.size());
            case Served.Part(long from, long to) ->
                send(
                        begin(206).putHeader("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + file.size()),
                        from,
                        to);
            case Served.Nothing() -> {
                exchange.response().putHeader("Content-Range", "bytes */" + file.size());
                exchange.fail(new Problem(
                        416,
                        "RANGE_BEYOND_END",
                        "\"" + path + "\" has " + file.size() + " bytes, and none in that range",
                        Map.of("path", path.toString(), "size", Long.toString(file.size()))));
            }
        }
    }

    private HttpServerResponse begin(int status) {
        HttpServerResponse response = exchange.begin(status, snapshot, numbered)
                .putHeader("ETag", conditions.etag())
                .putHeader("Accept-Ranges", "bytes");
        conditions.modified().ifPresent(time -> response.putHeader("Last-Modified", Preconditions.text(time)));
        return response;
    }

    private void send(HttpServerResponse response, long from, long to) throws IOException {
        response.putHeader("Content-Type", MediaTypes.of(path.name()))
                .putHeader("Content-Length", Long.toString(to - from));
        MediaTypes.disposition(path.name()).ifPresent(value -> response.putHeader("Content-Disposition", value));
        if (exchange.isHead()) {
            response.end();
            return;
        }
        try (FileBytes bytes = files.open(exchange.organisation(), file, from, to)) {
            // Before the head is written, so that what cannot be read is told.
            ByteBuffer next = bytes.next();
            ResponseBody body = exchange.body();
            while (next != null) {
                body.write(next);
                next = bytes.next();
            }
            body.close();
        }
    }
}
