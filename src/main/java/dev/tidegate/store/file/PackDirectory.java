package dev.tidegate.store.file;

import dev.tidegate.store.PackId;
import dev.tidegate.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Where the files of packs are, and how they come and go. Thread-safe, and safe beside other processes.
 *
 * <pre>
 * packs/3f/019a2b4c-5d6e-7f80-9a1b-2c3d4e5f603f.pack   a pack, under the last 8 bits of its name
 * incoming/019a2b4c-5d6e-7f80-9a1b-2c3d4e5f603f.pack   one that is being created
 * incoming/0b1c….probe                                 a probe for readiness
 * </pre>
 *
 * <p>The first bits of a UUIDv7 are a time: packs of one hour would share a directory. The last ones are random.
 */
final class PackDirectory {

    private static final String SUFFIX = ".pack";
    private static final int FAN_OUT = 256;

    private final Path packs;
    private final Path incoming;
    private final Set<Path> durable = ConcurrentHashMap.newKeySet();

    private PackDirectory(Path packs, Path incoming) {
        this.packs = packs;
        this.incoming = incoming;
    }

    static PackDirectory open(Path directory) throws IOException {
        Directories.create(directory);
        Path packs = directory.resolve("packs");
        Path incoming = directory.resolve("incoming");
        Directories.createIn(directory, packs);
        Directories.createIn(directory, incoming);
        return new PackDirectory(packs, incoming);
    }

    /** Where a pack is. */
    Path path(PackId pack) {
        int fanOut = (int) (pack.value().getLeastSignificantBits() & (FAN_OUT - 1));
        return fanOut(fanOut).resolve(pack + SUFFIX);
    }

    /** A new name for a probe. */
    Path probe() {
        return incoming.resolve(UUID.randomUUID() + ".probe");
    }

    /**
     * Creates a pack with its header, durably: it appears under its name complete or not at all.
     *
     * @return a channel at the end of the header
     * @throws StoreException.PackExists if there is one; it is left as it was
     */
    FileChannel create(PackId pack, ByteBuffer header) throws IOException {
        Path path = path(pack);
        Path temporary = incoming.resolve(pack + SUFFIX);
        FileChannel channel;
        try {
            channel = FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        } catch (FileAlreadyExistsException other) {
            throw new StoreException.PackExists(pack);
        }
        Path created = temporary;
        try {
            // Only who holds the temporary name may take the final one, so that this check is enough.
            if (Files.exists(path)) {
                throw new StoreException.PackExists(pack);
            }
            while (header.hasRemaining()) {
                channel.write(header);
            }
            channel.force(true);
            createFanOut(path);
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
            created = path;
            Directories.force(path.resolveSibling("."));
            return channel;
        } catch (IOException | RuntimeException failure) {
            undo(channel, created, failure);
            throw failure;
        }
    }

    /** Deletes a pack, durably, if there is one. */
    void delete(PackId pack) throws IOException {
        Path path = path(pack);
        Directories.uninterrupted(() -> {
            try {
                Files.deleteIfExists(path);
                // Also if it was gone: the one who removed it may have died before this.
                Directories.force(path.resolveSibling("."));
            } catch (NoSuchFileException noFanOut) {
                // Then there is no pack in it.
            }
        });
    }

    /** Lists the packs, one fan-out directory at a time. Holds nothing open between two elements. */
    Stream<PackId> list() {
        return IntStream.range(0, FAN_OUT).mapToObj(this::fanOut).flatMap(fanOut -> packsIn(fanOut).stream());
    }

    /** Removes temporary files that were last written before {@code limit}. */
    void removeStale(Instant limit) throws IOException {
        for (Path file : files(incoming)) {
            try {
                if (Files.getLastModifiedTime(file).toInstant().isBefore(limit)) {
                    Files.deleteIfExists(file);
                }
            } catch (NoSuchFileException createdMeanwhile) {
                // Its creator gave it its final name.
            }
        }
    }

    private void createFanOut(Path path) throws IOException {
        Path fanOut = path.resolveSibling(".").normalize();
        if (!durable.contains(fanOut) || !Files.isDirectory(fanOut)) {
            // Flushed once by each process, even if it exists: its creator may not have come so far.
            Directories.createIn(packs, fanOut);
            durable.add(fanOut);
        }
    }

    private static void undo(FileChannel channel, Path created, Exception failure) {
        try (channel) {
            Files.deleteIfExists(created);
        } catch (IOException second) {
            failure.addSuppressed(second);
        }
    }

    private Path fanOut(int index) {
        return packs.resolve(HexFormat.of().toHexDigits((byte) index));
    }

    private static List<PackId> packsIn(Path fanOut) {
        try {
            return files(fanOut).stream().flatMap(file -> packId(file).stream()).toList();
        } catch (NoSuchFileException | NotDirectoryException none) {
            return List.of();
        } catch (IOException failure) {
            throw new StoreException.Unavailable("listing " + fanOut + " failed", failure);
        }
    }

    private static List<Path> files(Path directory) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            List<Path> files = new ArrayList<>();
            entries.forEach(files::add);
            return files;
        } catch (DirectoryIteratorException failure) {
            throw failure.getCause();
        }
    }

    /** The pack in a file; none if somebody else put the file there. */
    private static Optional<PackId> packId(Path file) {
        String name = String.valueOf(file.getFileName());
        if (!name.endsWith(SUFFIX)) {
            return Optional.empty();
        }
        try {
            PackId pack = new PackId(UUID.fromString(name.substring(0, name.length() - SUFFIX.length())));
            return name.equals(pack + SUFFIX) ? Optional.of(pack) : Optional.empty();
        } catch (IllegalArgumentException otherName) {
            return Optional.empty();
        }
    }
}
