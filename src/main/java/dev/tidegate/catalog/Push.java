package dev.tidegate.catalog;

import dev.tidegate.content.Digest;
import org.jspecify.annotations.Nullable;

/**
 * An open push, or one that has been published.
 *
 * @param id its id
 * @param artifact what it pushes to
 * @param lastRoot the root of the newest layer that its writer has published and that is still kept, or null
 * @param outcome what it has come to, or null while it is open
 */
public record Push(
        PushId id,
        Artifact artifact,
        @Nullable Digest lastRoot,
        @Nullable PublishOutcome outcome) {}
