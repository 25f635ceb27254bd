/**
 * The main job from end to end, with nothing configured: a gateway of its own, a directory as a training job would write
 * it, pushes with changes between, a pull, and a comparison that relies on nothing of Tidegate.
 */
@NullMarked
package dev.tidegate.demo;

import org.jspecify.annotations.NullMarked;
