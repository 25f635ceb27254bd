package dev.tidegate.gateway;

import dev.tidegate.content.ChunkingProfile;
import org.eclipse.microprofile.config.spi.Converter;

/**
 * Reads the average length of a chunk, in bytes. One that cannot be is refused when the gateway starts: artifacts keep theirs
 * for ever.
 */
public final class AverageChunk implements Converter<ChunkingProfile> {

    private static final long serialVersionUID = 1;

    @Override
    public ChunkingProfile convert(String value) {
        try {
            return ChunkingProfile.ofAverage(Integer.parseInt(value.strip()));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("\"" + value + "\" is no number of bytes", e);
        }
    }
}
