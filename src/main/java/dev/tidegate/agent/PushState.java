package dev.tidegate.agent;

import dev.tidegate.client.GatewayAddress;
import dev.tidegate.content.Digest;
import dev.tidegate.files.FileLocks;
import dev.tidegate.files.FileNames;
import dev.tidegate.files.StampReader;
import dev.tidegate.files.StampWriter;
import dev.tidegate.files.WholeFile;
import dev.tidegate.home.UserDirectory;
import dev.tidegate.materialise.Durability;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.UUID;

/**
 * What is remembered on this machine of the pushes of one directory to one artifact: the stamps of its files as the last
 * push found them, the key of a push that has not ended, and what of the directory is other writers'.
 *
 * <p>The first two are only ever short cuts, found by the directory's path and the gateway's address. What of them is lost,
 * damaged, of another directory or in use by another process is not used, and files are read again. What of them cannot be
 * written, as on a full disk, does not keep a push from being made.
 *
 * <p>Whose files are whose is nowhere else. It is found by the artifact and the writer alone, which are the same by whatever
 * path the directory is reached and by whatever name the gateway is, and once it is written it survives a power cut.
 */
final class PushState implements AutoCloseable {

    private final Path directory;
    private final Path stamps;
    private final Path key;
    private final Path observed;
    private final Path attempt;
    private final Path foreign;
    private final Digest identity;
    private final Digest layer;
    private final FileChannel lockFile;
    private final boolean owned;

    private PushState(Path directory, Digest identity, Digest layer, FileChannel lockFile) throws IOException {
        String name = name(identity);
        this.directory = directory;
        this.stamps = directory.resolve(name + ".stamps");
        this.key = directory.resolve(name + ".key");
        this.observed = directory.resolve(name + ".observed");
        this.attempt = directory.resolve(name + ".attempt");
        this.foreign = directory.resolve(name(layer) + ".foreign");
        this.identity = identity;
        this.layer = layer;
        this.lockFile = lockFile;
        this.owned = FileLocks.tryLock(lockFile);
    }

    /**
     * Finds the state of a push.
     *
     * @param cache where the states of all pushes are; see {@link #defaultCache}
     * @param root the pushed directory's path without links
     */
    static PushState open(Path cache, Path root, String artifact, int writer, GatewayAddress gateway)
            throws IOException {
        String directory = FileNames.decode(root);
        String layer = artifact + "\0" + writer;
        Digest identity = digest(
                String.join("\0", directory == null ? root.toUri().toString() : directory, layer, gateway.toString()));
        Files.createDirectories(cache);
        FileChannel lockFile = FileChannel.open(
                cache.resolve(name(identity) + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        return new PushState(cache, identity, digest(layer), lockFile);
    }

    private static Digest digest(String text) {
        return Digest.of(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static String name(Digest identity) {
        return identity.toString().substring(0, 32);
    }

    /** {@code tidegate/push} below {@code $XDG_CACHE_HOME}, which is {@code ~/.cache} unless it is set. */
    static Path defaultCache() {
        return UserDirectory.CACHE.path().resolve("push");
    }

    /** The key of a push that has not ended. */
    Optional<String> pendingKey() throws IOException {
        if (!owned) {
            return Optional.empty();
        }
        try {
            return Optional.of(UUID.fromString(Files.readString(key, StandardCharsets.US_ASCII))
                    .toString());
        } catch (NoSuchFileException | CharacterCodingException | IllegalArgumentException none) {
            return Optional.empty();
        }
    }

    /** Remembers the key of a push that begins. */
    void begin(String idempotencyKey) throws IOException {
        if (owned) {
            WholeFile.replace(key, idempotencyKey.getBytes(StandardCharsets.US_ASCII), false);
        }
    }

    /** Forgets the key of a push that has ended. */
    void end() throws IOException {
        if (owned) {
            Files.deleteIfExists(key);
        }
    }

    /** Reads the stamps; those of nothing if there are none that can be used. */
    StampReader read() {
        return owned ? StampReader.open(stamps, identity) : StampReader.none();
    }

    /** Reads what the walk that was observed last found to be new. */
    StampReader readObserved() {
        return owned ? StampReader.open(observed, identity) : StampReader.none();
    }

    /** Writes what a walk finds to be new. */
    StampWriter writeObserved() throws IOException {
        return owned ? StampWriter.createOptional(observed, identity) : StampWriter.none();
    }

    /** Reads the stamps of a pass that did not hold. */
    StampReader readAttempt() {
        return owned ? StampReader.open(attempt, identity) : StampReader.none();
    }

    /** Writes the stamps of a pass, which are published once it holds. */
    StampWriter writeAttempt() throws IOException {
        return owned ? StampWriter.createOptional(attempt, identity) : StampWriter.none();
    }

    /** Reads what was brought here of other writers; whoever else uses the state does not change it. */
    Foreign readForeign() {
        return new Foreign(StampReader.open(foreign, layer));
    }

    /**
     * Writes what was brought here of other writers, for {@link #publishForeign}.
     *
     * @throws IOException if it cannot be written, as while another process uses the state
     */
    StampWriter writeForeign() throws IOException {
        if (!owned) {
            throw new IOException("another process pushes the same directory");
        }
        return StampWriter.create(foreign, layer);
    }

    /** Puts what was brought here, with the snapshot of this root, in the place of what was before; it survives a power cut. */
    void publishForeign(StampWriter theirs, Digest brought) throws IOException {
        theirs.publish(brought, Fingerprint.NONE, true);
        Durability.flush(directory);
    }

    /** Whether there are the stamps of a pass that did not hold. */
    boolean hasAttempt() {
        return owned && Files.exists(attempt);
    }

    /**
     * Puts the stamps of the last attempt in the place of those of the last push. If they could not be written, the older
     * ones stay: what they know of a file is still true, but not that nothing has changed since.
     */
    void publishAttempt() throws IOException {
        if (hasAttempt()) {
            Files.move(attempt, stamps, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } else if (owned) {
            StampWriter.unsay(stamps);
        }
    }

    @Override
    public void close() throws IOException {
        if (owned) {
            Files.deleteIfExists(observed);
            Files.deleteIfExists(attempt);
        }
        lockFile.close();
    }
}
