package dev.tidegate.cli;

/** A command that runs until it is told to end: what it does time and again is traced, not itself. */
interface LongRunning {}
