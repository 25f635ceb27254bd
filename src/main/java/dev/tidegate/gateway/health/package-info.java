/**
 * What probes are told: whether the process has started, whether it is of use now, and whether it has to be started anew.
 *
 * <p>What always holds: liveness depends on nothing outside of the process, for a restart mends no database and no disk.
 */
@NullMarked
package dev.tidegate.gateway.health;

import org.jspecify.annotations.NullMarked;
