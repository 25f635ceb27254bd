package dev.tidegate.workstation.sync;

import dev.tidegate.client.RateLimit;
import dev.tidegate.manifest.PathFilter;
import dev.tidegate.materialise.ContentPipeline;

/**
 * How to sync.
 *
 * @param filter what of a snapshot is brought; the rest is left as it stands
 * @param strict whether nothing is changed where there are local edits
 * @param keepDeleted whether files stay that the snapshot does not have any more
 * @param verify whether bytes are read that are there already, and not trusted for their stamps
 * @param streams how many downloads go on at once, 1 to {@link ContentPipeline#MAX_STREAMS}
 * @param limit of the bytes that are downloaded in a second
 */
public record SyncOptions(
        PathFilter filter, boolean strict, boolean keepDeleted, boolean verify, int streams, RateLimit limit) {

    /** As a sync goes unless it is said. */
    public static final SyncOptions DEFAULT =
            new SyncOptions(PathFilter.ALL, false, false, false, ContentPipeline.DEFAULT_STREAMS, RateLimit.NONE);

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException with a sentence for the user if one is broken
     */
    public SyncOptions {
        if (streams < 1 || streams > ContentPipeline.MAX_STREAMS) {
            throw new IllegalArgumentException(
                    "streams range from 1 to " + ContentPipeline.MAX_STREAMS + ", and are not " + streams);
        }
    }
}
