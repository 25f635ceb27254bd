/** Tidegate: a storage gateway for machine-learning training artifacts. */
@NullMarked
package dev.tidegate;

import org.jspecify.annotations.NullMarked;
