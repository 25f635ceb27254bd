package dev.tidegate.gateway.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.tidegate.catalog.Snapshot;
import dev.tidegate.content.Digest;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.PathEntry;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;

/** A listing of a directory, as a JSON object that is written while it is read: {@code docs/reading.md}. */
final class DirectoryResponse {

    private static final JsonFactory JSON = new JsonFactory();

    private DirectoryResponse() {}

    /**
     * Answers with a listing.
     *
     * @param path of the directory; empty for the root
     */
    static void serve(Exchange exchange, Snapshot snapshot, boolean numbered, String path, Iterator<PathEntry> entries)
            throws IOException {
        // Before the head is written, so that what cannot be read is told.
        boolean any = entries.hasNext();
        exchange.begin(200, snapshot, numbered).putHeader("Content-Type", "application/json");
        if (exchange.isHead()) {
            exchange.response().end();
            return;
        }
        exchange.response().setChunked(true);
        ResponseBody body = exchange.body();
        JsonGenerator json = JSON.createGenerator(body).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        json.writeStartObject();
        json.writeObjectFieldStart("snapshot");
        json.writeStringField("id", snapshot.id().toString());
        json.writeNumberField("number", snapshot.id().number());
        json.writeStringField("create_time", snapshot.createdAt().toString());
        json.writeEndObject();
        json.writeStringField("path", path);
        json.writeArrayFieldStart("entries");
        while (any) {
            entry(json, entries.next());
            any = entries.hasNext();
        }
        json.writeEndArray();
        json.writeEndObject();
        json.close();
        body.close();
    }

    private static void entry(JsonGenerator json, PathEntry found) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", found.path().name());
        json.writeStringField("path", found.path().toString());
        switch (found.entry()) {
            case Entry.RegularFile file -> {
                json.writeStringField("type", "file");
                json.writeStringField("mode", mode(file.mode()));
                json.writeNumberField("size", file.size());
                json.writeStringField("mtime", file.mtime().toInstant().toString());
                Optional<Digest> digest = file.content().identity();
                if (digest.isPresent()) {
                    json.writeStringField("digest", digest.get().toString());
                }
            }
            case Entry.Directory(int mode) -> {
                json.writeStringField("type", "directory");
                json.writeStringField("mode", mode(mode));
            }
            case Entry.SymbolicLink link -> {
                json.writeStringField("type", "symbolic_link");
                json.writeStringField("target", link.textFrom(found.path()));
                json.writeBooleanField("artifact_rooted", link.artifactRooted());
            }
        }
        json.writeEndObject();
    }

    private static String mode(int mode) {
        return String.format(Locale.ROOT, "%04o", mode);
    }
}
