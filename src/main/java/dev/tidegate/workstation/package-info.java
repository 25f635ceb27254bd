/** The workstation's side: it looks into snapshots without pulling them. */
@NullMarked
package dev.tidegate.workstation;

import org.jspecify.annotations.NullMarked;
