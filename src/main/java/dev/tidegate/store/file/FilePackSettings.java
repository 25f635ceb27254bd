package dev.tidegate.store.file;

import java.time.Duration;

/**
 * How a directory of packs is used.
 *
 * @param reserve the bytes of the file system that packs leave free, so that whatever lives beside them (PostgreSQL)
 *     goes on; checked every few MiB, so that writers may take {@value SpaceReserve#ALLOWANCE} bytes while others fill
 *     the disk
 * @param openPacks how many packs are kept open for reading. An open pack that another gateway deletes gives its space
 *     back only when it is closed
 * @param staleAfter how old a temporary file must be at the start to be taken for one that a kill left behind: far more
 *     than the milliseconds that one lives for, because other gateways are at work in the directory and clocks differ
 */
public record FilePackSettings(long reserve, int openPacks, Duration staleAfter) {

    /** A reserve of 256 MiB, 256 open packs, temporary files stale after an hour. */
    public static final FilePackSettings DEFAULT = new FilePackSettings(256L << 20, 256, Duration.ofHours(1));

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException if one is negative, or no pack could be open
     */
    public FilePackSettings {
        if (reserve < 0 || openPacks < 1 || staleAfter.isNegative()) {
            throw new IllegalArgumentException(
                    "reserve " + reserve + ", open packs " + openPacks + ", stale after " + staleAfter);
        }
    }
}
