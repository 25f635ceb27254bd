/**
 * Keeps directories of a workstation at the state of artifacts, and checks that they are.
 *
 * <p>What always holds: nothing appears outside the directory; at a file's place stands what was there before or the whole
 * file; what somebody else has put or changed there is never lost.
 */
@NullMarked
package dev.tidegate.workstation.sync;

import org.jspecify.annotations.NullMarked;
