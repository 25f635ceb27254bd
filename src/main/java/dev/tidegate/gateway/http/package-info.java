/**
 * Files of snapshots over HTTP, for programs that know nothing of Tidegate: {@code docs/reading.md}.
 *
 * <p>Each request has a virtual thread of its own, which writes no faster than the connection takes it: a slow reader holds a
 * chunk and a slot, and one that takes nothing is cut off. What snapshots hold is not trusted: it is never served as what a
 * browser would run.
 */
@NullMarked
package dev.tidegate.gateway.http;

import org.jspecify.annotations.NullMarked;
