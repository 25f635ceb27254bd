/**
 * A PostgreSQL server that a gateway on one machine brings with it: installed, initialised, started and stopped here.
 *
 * <p>Plain Java: knows neither Quarkus nor JDBC. What always holds: the server listens on the loopback address only and
 * asks for a password; it is durable (fsync, full page writes and data checksums are on); it does not outlive the
 * process that started it, and where it did all the same, the next start stops it before touching its files.
 */
@NullMarked
package dev.tidegate.postgres;

import org.jspecify.annotations.NullMarked;
