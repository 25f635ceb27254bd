package dev.tidegate.postgres;

import dev.tidegate.postgres.ServerProcesses.Shutdown;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The files of one database cluster and what keeps them in order: created whole or not at all, served by one server.
 *
 * @param home the directory of ours that holds everything of the embedded server
 */
record Cluster(Path home) {

    static final String USER = "tidegate";
    static final String DATABASE = "postgres";

    private static final Duration INITDB_LIMIT = Duration.ofMinutes(2);

    private static final Duration LEFTOVER_FAST_SHUTDOWN = Duration.ofSeconds(30);
    private static final Duration LEFTOVER_IMMEDIATE_SHUTDOWN = Duration.ofSeconds(10);

    private static final FileAttribute<Set<PosixFilePermission>> FOR_OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    Path directory() {
        return home.resolve("cluster");
    }

    private Path passwordFile() {
        return home.resolve("password");
    }

    /**
     * Makes the files ready for a server of {@code archive}'s version: creates them if there are none, and stops a server
     * that an earlier gateway left behind. The caller holds whatever keeps a second gateway away.
     *
     * @return the password of {@link #USER}
     * @throws PostgresException if the files belong to another version or cannot be created
     */
    DatabasePassword prepare(PostgresArchive archive, Path binaries, ServerAccount account)
            throws IOException, InterruptedException {
        if (!Files.isDirectory(directory())) {
            initialise(binaries, account);
        }
        stopLeftovers(directory());
        requireVersion(archive);
        if (!Files.exists(passwordFile())) {
            throw new PostgresException("The file " + passwordFile() + " with the database's password is gone: put it"
                    + " back from a copy of the data directory.");
        }
        return DatabasePassword.of(Files.readString(passwordFile()).strip());
    }

    private void initialise(Path binaries, ServerAccount account) throws IOException, InterruptedException {
        DatabasePassword password = DatabasePassword.random();
        writePrivately(passwordFile(), password);
        Path fresh = home.resolve("cluster.new");
        Path handedOver = home.resolve("initdb.password");
        Path output = home.resolve("initdb.log");
        if (Files.isDirectory(fresh)) {
            stopLeftovers(fresh);
            FileTrees.delete(fresh);
        }
        Files.createDirectory(
                fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        account.own(fresh);
        writePrivately(handedOver, password);
        account.own(handedOver);
        try {
            ProcessBuilder initdb = account.command(
                    fresh,
                    List.of(
                            binaries.resolve("bin/initdb").toString(),
                            "--pgdata=" + account.nameOfWorkingDirectory(fresh),
                            "--username=" + USER,
                            "--auth=scram-sha-256",
                            "--pwfile=../" + handedOver.getFileName(),
                            "--encoding=UTF8",
                            "--locale=C",
                            "--data-checksums",
                            "--no-instructions"));
            Process process = initdb.redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            process.getOutputStream().close();
            boolean ended = process.waitFor(INITDB_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                process.destroyForcibly();
            }
            if (!ended || process.exitValue() != 0) {
                throw new PostgresException("PostgreSQL's initdb could not create a database cluster in " + fresh
                        + (ended ? "." : " within " + INITDB_LIMIT.toSeconds() + " s.")
                        + new ServerLog(output).tail());
            }
            Files.move(fresh, directory(), StandardCopyOption.ATOMIC_MOVE);
            force(home);
        } finally {
            Files.deleteIfExists(handedOver);
        }
    }

    /** Written whole or not at all: a cluster whose password is lost cannot be entered. */
    private void writePrivately(Path file, DatabasePassword password) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, FOR_OWNER_ONLY);
        Files.writeString(fresh, password.reveal() + "\n");
        force(fresh);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void force(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private void requireVersion(PostgresArchive archive) throws IOException {
        String found = Files.readString(directory().resolve("PG_VERSION")).strip();
        if (!found.equals(archive.majorVersion())) {
            throw new PostgresException("The database in " + directory() + " was written by PostgreSQL " + found
                    + ", and this Tidegate brings version " + archive.majorVersion()
                    + ": start the Tidegate that wrote it, or move the database with pg_dump and name the new one by"
                    + " --database-url.");
        }
    }

    /**
     * Ends a server of an earlier gateway. Only then is its pid file removed,
     * where it left one: the server itself takes a foreign process with the same number for its predecessor.
     */
    private static void stopLeftovers(Path directory) throws IOException, InterruptedException {
        for (Shutdown how : Shutdown.values()) {
            List<ProcessHandle> leftovers = ServerProcesses.of(directory);
            if (leftovers.isEmpty()) {
                break;
            }
            for (ProcessHandle leftover : leftovers) {
                // A server that ends already, because its gateway died, takes a second request for the same thing.
                ServerProcesses.stop(
                        leftover, how, how == Shutdown.FAST ? LEFTOVER_FAST_SHUTDOWN : LEFTOVER_IMMEDIATE_SHUTDOWN);
            }
        }
        List<ProcessHandle> survivors = ServerProcesses.of(directory);
        if (!survivors.isEmpty()) {
            throw new PostgresException("A PostgreSQL of an earlier gateway still runs on " + directory
                    + " and cannot be stopped: end the process "
                    + survivors.getFirst().pid() + " and try again.");
        }
        Files.deleteIfExists(PidFile.in(directory));
    }
}
