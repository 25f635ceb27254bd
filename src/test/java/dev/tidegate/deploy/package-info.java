/** What operators deploy: that the files below {@code deploy} are what the tools that read them take, and agree with the program. */
@NullMarked
package dev.tidegate.deploy;

import org.jspecify.annotations.NullMarked;
