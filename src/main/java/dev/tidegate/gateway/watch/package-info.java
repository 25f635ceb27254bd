/**
 * Watching artifacts: whoever watches one is told of its snapshots as they are published, by whichever gateway.
 *
 * <p>A watch has neither a thread nor a database connection of its own. It holds a few snapshots at most, however slowly it
 * is read, and looks for more in the catalogue when it has sent those; an announcement only tells that it is worth looking.
 * So nothing is lost with an announcement that is.
 */
@NullMarked
package dev.tidegate.gateway.watch;

import org.jspecify.annotations.NullMarked;
