package dev.tidegate.catalog;

import dev.tidegate.content.Digest;
import org.jspecify.annotations.Nullable;

/**
 * An open push, or one that has been published.
 *
 * @param id its id
 * @param artifact what it pushes to
 * @param lastRoot the root of the newest layer that its writer has published, or null
 * @param published the snapshot that it has become, or null while it is open
 */
public record Push(
        PushId id,
        Artifact artifact,
        @Nullable Digest lastRoot,
        @Nullable Snapshot published) {}
