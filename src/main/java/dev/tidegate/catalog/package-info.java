/**
 * The catalogue in PostgreSQL: organisations, experiments, artifacts, snapshots, pushes, packs, and the chunk index.
 *
 * <p>Rows that a person thinks in are Hibernate Reactive Panache entities, kept to this package; what travels out are
 * records. The chunk index is bulk work on the reactive SQL client. Every query names its organisation. What always
 * holds: bytes are durable before their index row, everything that a node names is indexed before the node, and a
 * snapshot's root is indexed before the snapshot.
 */
@NullMarked
package dev.tidegate.catalog;

import org.jspecify.annotations.NullMarked;
