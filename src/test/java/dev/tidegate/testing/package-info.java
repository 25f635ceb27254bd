/** What tests share: a gateway as a process of its own, a database for tests inside Quarkus, and seeded randomness. */
@NullMarked
package dev.tidegate.testing;

import org.jspecify.annotations.NullMarked;
