/**
 * The wire client that agent, workstation and tools share: the connection to a gateway, its retries and errors, and the
 * movement of chunks in both directions.
 *
 * <p>Runs in the process of a command: plain Java on grpc-java, no Quarkus. What always holds: nothing that came over
 * the wire is handed on before its bytes were hashed; memory is bounded by the limits that are named here, whatever the
 * size of a tree or the speed of the other side; calls that may be repeated are repeated until the {@link
 * dev.tidegate.client.RetryPolicy} ends, so that a gateway may restart in the middle.
 */
@NullMarked
package dev.tidegate.client;

import org.jspecify.annotations.NullMarked;
