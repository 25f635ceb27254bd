package dev.tidegate.gateway.ingest;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;

/** How chunks are stored. Sizes are in bytes. */
@ConfigMapping(prefix = "tidegate.ingest")
public interface IngestConfig {

    /** How many packs of one organisation are written at a time: while one flushes, another takes in. */
    @WithDefault("2")
    @Min(1)
    @Max(64)
    int lanes();

    /** A pack that has reached this length is sealed and another one begun. */
    @WithDefault("67108864")
    @Min(1 << 20)
    long packLength();

    /** A pack to which nothing has been added for this long is sealed, and its thread ends. */
    @WithDefault("PT60S")
    @DurationMin(seconds = 1)
    Duration laneIdle();

    /** Whether a chunk is stored as what it has other than one that it is said to resemble, where that takes less. */
    @WithDefault("true")
    @WithConverter(TrueOrFalse.class)
    boolean deltas();

    /**
     * Bytes that the frames of one stream may hold, unacknowledged, before the gateway stops reading from it. A frame holds
     * 1 KiB more than its bytes.
     */
    @WithDefault("33554432")
    @Min(4 << 20)
    @Max(1 << 30)
    int streamWindow();

    /** Bytes that those of all streams together may hold before the gateway stops reading from any. */
    @WithDefault("100663296")
    @Min(4 << 20)
    long memory();

    /** How many streams may push at a time; each may hold one message more than the memory above. */
    @WithDefault("48")
    @Min(1)
    int streams();

    /** A stream that has sent nothing for this long, and has nothing under way, ends if another one needs its place. */
    @WithDefault("PT5M")
    @DurationMin(seconds = 1)
    Duration streamIdle();
}
