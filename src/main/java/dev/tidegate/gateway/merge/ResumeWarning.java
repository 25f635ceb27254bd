package dev.tidegate.gateway.merge;

import dev.tidegate.catalog.ArtifactType;
import java.util.Optional;

/**
 * What is to be known of a resume.
 *
 * @param kind lower-case letters, digits and {@code _}: {@code docs/resume.md} lists them
 * @param type the artifact that it is about; empty if it is about the request
 * @param path in the new artifact, or empty
 * @param message a sentence
 */
public record ResumeWarning(String kind, Optional<ArtifactType> type, String path, String message) {}
