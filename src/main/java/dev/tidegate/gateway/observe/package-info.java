/**
 * What an operator sees of a gateway: its metrics. docs/operations.md lists each of them, and a test compares both.
 *
 * <p>What always holds: no label has unbounded values; what is counted on the way of bytes is held in fields, so that
 * nothing is looked up by name; what stands in the database is asked for at a bounded rate, never by a scrape.
 */
@NullMarked
package dev.tidegate.gateway.observe;

import org.jspecify.annotations.NullMarked;
