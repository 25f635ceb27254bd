/** The commands: they parse, call and print. No logic lives here. */
@NullMarked
package dev.tidegate.cli;

import org.jspecify.annotations.NullMarked;
