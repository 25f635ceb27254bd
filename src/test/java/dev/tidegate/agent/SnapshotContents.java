package dev.tidegate.agent;

import dev.tidegate.client.GatewayConnection;
import dev.tidegate.content.Digest;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.PathEntry;
import dev.tidegate.manifest.TreeReader;
import dev.tidegate.v1.Snapshot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;

/** What a snapshot holds, read back over the wire. */
public final class SnapshotContents {

    private SnapshotContents() {}

    /** For each path the text of the file, "/" for a directory, or "-> target" for a link, "=> target" for one rooted. */
    public static Map<String, String> read(GatewayConnection connection, Snapshot snapshot) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        Digest root = Digest.read(snapshot.getRoot().toByteArray(), 0);
        for (Iterator<PathEntry> entries = new TreeReader(connection.nodes()).entries(root); entries.hasNext(); ) {
            PathEntry entry = entries.next();
            contents.put(
                    entry.path().toString(),
                    switch (entry.entry()) {
                        case Entry.Directory _ -> "/";
                        case Entry.SymbolicLink link -> (link.artifactRooted() ? "=> " : "-> ") + link.target();
                        case Entry.RegularFile file -> {
                            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                            connection.chunks().copy(file, bytes);
                            yield bytes.toString(StandardCharsets.ISO_8859_1);
                        }
                    });
        }
        return contents;
    }
}
