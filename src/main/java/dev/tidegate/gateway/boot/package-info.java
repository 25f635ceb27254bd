/**
 * How a gateway process comes up and goes down: the data directory and its lock, the database, Quarkus, and the order in
 * which they end.
 *
 * <p>What always holds: one process uses one data directory; the database outlives everything that uses it; a gateway
 * that cannot start says in one sentence why, and what to do.
 */
@NullMarked
package dev.tidegate.gateway.boot;

import org.jspecify.annotations.NullMarked;
