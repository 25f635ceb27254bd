package dev.tidegate.gateway.http;

import dev.tidegate.catalog.Snapshot;
import dev.tidegate.gateway.files.FileBytes;
import dev.tidegate.gateway.files.Found;
import dev.tidegate.gateway.files.SnapshotFiles;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.PathEntry;
import dev.tidegate.manifest.TreePath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.FileTime;
import java.util.Iterator;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.jspecify.annotations.Nullable;

/**
 * Everything below a directory, or one file, as an archive in the POSIX pax format, which is written while it is read. Names
 * are those below the directory; times are exact to 100 ns; links are as on a workstation; nobody is the owner, and no file
 * runs as somebody else.
 */
final class TarResponse {

    /** Permissions and the sticky bit. */
    private static final int MODES = 01777;

    private static final String TYPE = "application/x-tar";

    private final SnapshotFiles files;
    private final Exchange exchange;
    private final Snapshot snapshot;
    private final Found found;

    TarResponse(SnapshotFiles files, Exchange exchange, Snapshot snapshot, Found found) {
        this.files = files;
        this.exchange = exchange;
        this.snapshot = snapshot;
        this.found = found;
    }

    void serve(boolean numbered) throws IOException {
        TreePath path = found.path();
        Iterator<PathEntry> entries = path != null && found.entry() instanceof Entry.RegularFile file
                ? List.of(new PathEntry(path, file)).iterator()
                : files.below(exchange.organisation(), snapshot.root(), path);
        int depth = path == null ? 0 : path.components().size() - (found.entry() instanceof Entry.RegularFile ? 1 : 0);
        boolean any = entries.hasNext();
        exchange.begin(200, snapshot, numbered)
                .putHeader("Content-Type", TYPE)
                .putHeader("Accept-Ranges", "none")
                .putHeader("Content-Disposition", MediaTypes.attachment(name(path) + ".tar"));
        if (exchange.isHead()) {
            exchange.response().end();
            return;
        }
        exchange.response().setChunked(true);
        ResponseBody body = exchange.body();
        TarArchiveOutputStream tar = new TarArchiveOutputStream(body, StandardCharsets.UTF_8.name());
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        tar.setAddPaxHeadersForNonAsciiNames(true);
        while (any) {
            write(tar, entries.next(), depth);
            any = entries.hasNext();
        }
        // Not in a finally clause: an archive that is not whole must not end as if it were.
        tar.close();
    }

    private String name(@Nullable TreePath path) {
        return path == null ? snapshot.id().toString() : path.name();
    }

    private void write(TarArchiveOutputStream tar, PathEntry entry, int depth) throws IOException {
        List<String> components = entry.path().components();
        String name = String.join("/", components.subList(depth, components.size()));
        switch (entry.entry()) {
            case Entry.RegularFile file -> {
                TarArchiveEntry header = header(name, TarConstants.LF_NORMAL, file.mode());
                header.setLastModifiedTime(FileTime.from(file.mtime().toInstant()));
                header.setSize(file.size());
                tar.putArchiveEntry(header);
                content(tar, file);
                tar.closeArchiveEntry();
            }
            case Entry.Directory(int mode) -> {
                TarArchiveEntry header = header(name + "/", TarConstants.LF_DIR, mode);
                header.setLastModifiedTime(FileTime.from(snapshot.createdAt()));
                tar.putArchiveEntry(header);
                tar.closeArchiveEntry();
            }
            case Entry.SymbolicLink link -> {
                TarArchiveEntry header = header(name, TarConstants.LF_SYMLINK, 0777);
                header.setLastModifiedTime(FileTime.from(snapshot.createdAt()));
                header.setLinkName(link.textFrom(entry.path()));
                tar.putArchiveEntry(header);
                tar.closeArchiveEntry();
            }
        }
    }

    private static TarArchiveEntry header(String name, byte type, int mode) {
        TarArchiveEntry header = new TarArchiveEntry(name, type, true);
        header.setMode(mode & MODES);
        header.setIds(0, 0);
        header.setNames("", "");
        return header;
    }

    private void content(TarArchiveOutputStream tar, Entry.RegularFile file) throws IOException {
        try (FileBytes bytes = files.open(exchange.organisation(), file, 0, file.size())) {
            for (ByteBuffer next = bytes.next(); next != null; next = bytes.next()) {
                byte[] copy = new byte[next.remaining()];
                next.get(copy);
                tar.write(copy);
            }
        }
    }
}
