/**
 * What snapshots take of the store, and what would be free without them: exact, across the whole organisation.
 *
 * <p>Memory is bounded by configuration; what does not fit stands in temporary tables of the database. Nothing is locked.
 */
@NullMarked
package dev.tidegate.gateway.usage;

import org.jspecify.annotations.NullMarked;
