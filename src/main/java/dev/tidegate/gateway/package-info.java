/**
 * The gateway's gRPC services, one class for one service, and what they share: the caller's identity, the mapping of
 * failures, and the configuration.
 *
 * <p>Unary calls run on Mutiny and Panache. Streams run on the generated {@code ImplBase} with manual flow control, so
 * that memory is bounded by configuration whatever clients do.
 */
@NullMarked
package dev.tidegate.gateway;

import org.jspecify.annotations.NullMarked;
