/** What tests share: a gateway as a process of its own, and a database for tests inside Quarkus. */
@NullMarked
package dev.tidegate.testing;

import org.jspecify.annotations.NullMarked;
