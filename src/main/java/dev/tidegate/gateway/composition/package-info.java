/**
 * How the layers of several writers become one snapshot.
 *
 * <p>What always holds: no transaction is open while nodes are read; nodes that a composition adds are durable, indexed and
 * leased to a push, like any others, before the snapshot that names them is written; and what a composition may hold in
 * memory, and how many are made at a time, is set by {@link dev.tidegate.gateway.composition.CompositionConfig}.
 */
@NullMarked
package dev.tidegate.gateway.composition;

import org.jspecify.annotations.NullMarked;
