/**
 * How results and progress look: sizes, durations, tables, one line that tells how far something is. What is printed never
 * holds a control character that came from a name, so no file name can steer a terminal.
 */
@NullMarked
package dev.tidegate.terminal;

import org.jspecify.annotations.NullMarked;
