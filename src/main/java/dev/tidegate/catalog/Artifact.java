package dev.tidegate.catalog;

/**
 * A versioned directory tree of one type.
 *
 * @param id its id
 * @param experiment the experiment that owns it
 * @param type its type
 * @param averageChunk the average chunk length of its chunking profile, in bytes
 * @param lastSnapshot the number of its newest snapshot, 0 while it has none
 */
public record Artifact(
        ArtifactId id, ExperimentId experiment, ArtifactType type, int averageChunk, long lastSnapshot) {}
