package dev.tidegate.gateway;

import dev.tidegate.content.ChunkingProfile;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;
import java.nio.file.Path;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;

/** What the services go by. Sizes are in bytes. */
@ConfigMapping(prefix = "tidegate")
public interface GatewayConfig {

    /** Where packs are kept. */
    Store store();

    /** How pushes live. */
    Push push();

    /** How chunks are read. */
    Read read();

    /** How calls come in. */
    Call call();

    /** How new artifacts are cut. */
    Chunking chunking();

    /** Where packs are kept. */
    interface Store {
        /** The directory of the packs; created if it does not exist. */
        Path directory();

        /** Bytes to leave free on its file system, so that the database beside it can go on. */
        @WithDefault("268435456")
        @Min(0)
        long reserve();
    }

    /** How pushes live. */
    interface Push {
        /** A push ends when it has not been renewed for this long. */
        @WithDefault("PT5M")
        @DurationMin(seconds = 10)
        Duration lease();
    }

    /** How chunks are read. */
    interface Read {
        /** How many streams may read at a time; others wait. Each holds a few MiB. */
        @WithDefault("16")
        @Min(1)
        int streams();

        /** Bytes that those hold together which wait; there is room for some thousands. More are refused. */
        @WithDefault("67108864")
        @Min(1 << 20)
        int waiting();

        /** A reader that takes nothing for this long is cut off. */
        @WithDefault("PT60S")
        @DurationMin(seconds = 1)
        Duration stall();
    }

    /** How calls come in. */
    interface Call {
        /**
         * Bytes that the requests of those together hold that are no streams, from when they have been read until they are
         * answered: 8 KiB each, and what they make of their lists. More are refused.
         */
        @WithDefault("67108864")
        @Min(16 << 20)
        int memory();

        /**
         * Bytes that the clients of all streams that push may have sent before the gateway reads them; each stream has the
         * same part of it. Other calls have 256 KiB each.
         */
        @WithDefault("100663296")
        @Min(8 << 20)
        long unread();

        /** Bytes of messages that have come in part. Where there are more, calls end whose messages began first. */
        @WithDefault("67108864")
        @Min(16 << 20)
        long partial();
    }

    /** How new artifacts are cut: each setting is the average length of a chunk, from which its bounds follow. */
    interface Chunking {
        /** Of checkpoints. */
        @WithDefault("262144")
        @WithConverter(AverageChunk.class)
        ChunkingProfile checkpoints();

        /** Of logs. */
        @WithDefault("65536")
        @WithConverter(AverageChunk.class)
        ChunkingProfile logs();

        /** Of lossy artifacts. */
        @WithDefault("65536")
        @WithConverter(AverageChunk.class)
        ChunkingProfile lossy();

        /** Of crud artifacts. */
        @WithDefault("65536")
        @WithConverter(AverageChunk.class)
        ChunkingProfile crud();
    }
}
