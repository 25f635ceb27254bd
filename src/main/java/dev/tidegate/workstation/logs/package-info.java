/** What the nodes of an experiment print: read from the snapshots of its logs, and followed as they are published. */
@NullMarked
package dev.tidegate.workstation.logs;

import org.jspecify.annotations.NullMarked;
