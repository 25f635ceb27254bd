/** TOML 1.0, for the files that users write. */
@NullMarked
package dev.tidegate.toml;

import org.jspecify.annotations.NullMarked;
