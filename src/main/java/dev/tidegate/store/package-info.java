/**
 * Where bytes live: packs, the format of their records, and the {@link dev.tidegate.store.PackStore} port with an
 * implementation for each kind of storage in a package below.
 *
 * <p>A pack is append-only and belongs to one organisation. It describes itself, so that the catalogue's chunk index
 * can be rebuilt from packs alone. Bytes that a {@code commit} has returned for survive kill -9 and power loss.
 */
@NullMarked
package dev.tidegate.store;

import org.jspecify.annotations.NullMarked;
