/** What the tests of several packages share. Nothing here knows any of those packages. */
@NullMarked
package dev.tidegate.testing;

import org.jspecify.annotations.NullMarked;
