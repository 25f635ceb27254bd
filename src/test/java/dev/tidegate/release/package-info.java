/** What a release holds: laid out by the profile {@code release}, and checked by {@code ReleaseIT}. */
@NullMarked
package dev.tidegate.release;

import org.jspecify.annotations.NullMarked;
