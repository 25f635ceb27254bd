/**
 * Trees that are merged for whoever asks: the inputs of a resume, and what two snapshots have made of a third.
 *
 * <p>What always holds: no transaction is open while nodes are read; what is found is passed on or written down in batches,
 * never collected; what is stored is leased to a push before anything names it; and what a merge may hold in memory, and how
 * many are made at a time, is set by {@link dev.tidegate.gateway.merge.MergeConfig}. Calls block, on virtual threads.
 */
@NullMarked
package dev.tidegate.gateway.merge;

import org.jspecify.annotations.NullMarked;
