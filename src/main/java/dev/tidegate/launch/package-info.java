/** Experiment launch files: TOML that says what a run is to be started with. Described in {@code docs/resume.md}. */
@NullMarked
package dev.tidegate.launch;

import org.jspecify.annotations.NullMarked;
