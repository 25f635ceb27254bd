/**
 * Traces of what commands and the agent do: where the environment sends them, the spans of a command, of an agent's cycle
 * and of each call to a gateway. Nothing of OpenTelemetry is loaded where they are off.
 */
@NullMarked
package dev.tidegate.trace;

import org.jspecify.annotations.NullMarked;
