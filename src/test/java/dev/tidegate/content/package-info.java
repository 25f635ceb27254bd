@NullMarked
package dev.tidegate.content;

import org.jspecify.annotations.NullMarked;
