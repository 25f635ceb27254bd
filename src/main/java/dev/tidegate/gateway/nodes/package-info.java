/**
 * The manifests' nodes as the gateway itself reads and writes them: for composing, resuming, comparing and merging.
 *
 * <p>What is written is durable, indexed and leased to a push, as if a client had sent it. Calls block, on virtual threads.
 */
@NullMarked
package dev.tidegate.gateway.nodes;

import org.jspecify.annotations.NullMarked;
