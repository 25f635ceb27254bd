package dev.tidegate.workstation.sync;

import dev.tidegate.content.Digest;
import dev.tidegate.files.FileLocks;
import dev.tidegate.files.FileNames;
import dev.tidegate.files.FileStamp;
import dev.tidegate.files.StampJournal;
import dev.tidegate.files.StampReader;
import dev.tidegate.files.StampWriter;
import dev.tidegate.files.WholeFile;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.materialise.Durability;
import dev.tidegate.materialise.ReservedName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * What a synced directory holds besides the artifact, in {@code .tidegate}: a lock, the marker, the stamps of what syncs have
 * put there, the journal of the sync that goes on, and the staging directory. While it is open no other sync writes there.
 */
final class LocalState implements AutoCloseable {

    /** Below the root of every synced directory. No entry of a snapshot is put there. */
    static final TreePath DIRECTORY = ReservedName.PATH;

    static final TreePath STAGING = DIRECTORY.resolve("staging");

    private static final String MARKER = "marker";
    private static final String PRIVATE = "rwx------";

    private final Path root;
    private final Path directory;
    private final FileChannel lockFile;
    private final Digest identity;

    private LocalState(Path root, Path directory, FileChannel lockFile, Digest identity) {
        this.root = root;
        this.directory = directory;
        this.lockFile = lockFile;
        this.identity = identity;
    }

    /**
     * Opens the state of a directory, and makes it if there is none.
     *
     * @param root of the synced directory, without links
     * @throws SyncRefusedException if another sync goes on there, or the place of the state is taken
     */
    static LocalState open(Path root, String artifactId) throws IOException {
        Path directory = root.resolve(FileNames.path(DIRECTORY.toString()));
        makePrivate(directory);
        makePrivate(root.resolve(FileNames.path(STAGING.toString())));
        FileChannel lockFile = FileChannel.open(
                directory.resolve("lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS);
        if (!FileLocks.tryLock(lockFile)) {
            lockFile.close();
            throw refused(root, "another sync is writing into " + root);
        }
        Digest identity = Digest.of(ByteBuffer.wrap(artifactId.getBytes(StandardCharsets.UTF_8)));
        return new LocalState(root, directory, lockFile, identity);
    }

    /** The marker of a synced directory; empty if it is none. */
    static Optional<Marker> marker(Path root) throws IOException {
        return Marker.read(root.resolve(FileNames.path(DIRECTORY.toString())).resolve(MARKER));
    }

    /** What the directory holds. */
    Optional<Marker> marker() throws IOException {
        return marker(root);
    }

    /** Says what the directory holds, or is to hold; it survives a power cut from now on. */
    void write(Marker marker) throws IOException {
        WholeFile.replace(directory.resolve(MARKER), marker.toJson(), true);
    }

    /** What syncs have put into the directory. */
    StampReader known() {
        return StampReader.open(directory.resolve("state"), identity);
    }

    /** Begins the stamps that take the place of those that are known. */
    StampWriter newKnown() throws IOException {
        return StampWriter.create(directory.resolve("state"), identity);
    }

    /** Begins a sorted list that is needed for a while. */
    StampWriter newList(String name) throws IOException {
        return StampWriter.create(directory.resolve(name), identity);
    }

    /** Reads such a list. */
    StampReader list(String name) {
        return StampReader.open(directory.resolve(name), identity);
    }

    /** Begins the journal. */
    StampJournal newJournal() throws IOException {
        return StampJournal.create(journal());
    }

    /** Where the journal is, if there is one. */
    Path journal() {
        return directory.resolve("journal");
    }

    /** Where a file is that is needed for a while. */
    Path scratch(String name) {
        return directory.resolve(name);
    }

    /** Makes the names in the directory of the state survive a power cut. */
    void flush() throws IOException {
        Durability.flush(directory);
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }

    static SyncRefusedException refused(Path path, String sentence) {
        return new SyncRefusedException(SyncRefusedException.Reason.SYNC_REFUSED, path, sentence);
    }

    private static void makePrivate(Path directory) throws IOException {
        try {
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(PRIVATE)));
        } catch (FileAlreadyExistsException earlier) {
            if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                throw refused(
                        directory,
                        directory + " is no directory, and sync keeps there what it has to remember: move it away");
            }
            if ((FileStamp.read(directory).mode() & 077) != 0) {
                Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(PRIVATE));
            }
        }
    }

    /** Forgets what was needed for a while. */
    void delete(String name) throws IOException {
        try {
            Files.delete(directory.resolve(name));
        } catch (NoSuchFileException none) {
            // It is forgotten already.
        }
    }
}
