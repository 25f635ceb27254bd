package dev.tidegate.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the postmaster writes about itself into {@code postmaster.pid}.
 *
 * @param pid the postmaster's process number
 * @param ready whether it accepts connections
 */
record PidFile(long pid, boolean ready) {

    /** The lines' numbers, from zero: PostgreSQL's {@code src/include/utils/pidfile.h}. */
    private static final int PID_LINE = 0;

    private static final int STATUS_LINE = 7;

    static Path in(Path cluster) {
        return cluster.resolve("postmaster.pid");
    }

    /** Reads the file; empty if there is none or it has just been begun. */
    static Optional<PidFile> read(Path cluster) throws IOException {
        List<String> lines;
        try {
            lines = Files.readAllLines(in(cluster));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        try {
            boolean ready =
                    lines.size() > STATUS_LINE && lines.get(STATUS_LINE).strip().equals("ready");
            return lines.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new PidFile(Long.parseLong(lines.get(PID_LINE).strip()), ready));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
