/** Chunks and digests as messages of the wire: what both its sides, {@code client} and {@code gateway}, do alike. */
@NullMarked
package dev.tidegate.wire;

import org.jspecify.annotations.NullMarked;
