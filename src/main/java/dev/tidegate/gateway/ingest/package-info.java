/**
 * How chunks get from a stream into packs and the index: verified, stored once, durable before they are acknowledged.
 *
 * <p>What always holds: a chunk's future completes well only after its bytes are flushed and its index row is
 * committed, and a node's only if everything that it names was indexed before. The bytes held at one time are bounded
 * by {@link dev.tidegate.gateway.ingest.MemoryBudget}.
 */
@NullMarked
package dev.tidegate.gateway.ingest;

import org.jspecify.annotations.NullMarked;
