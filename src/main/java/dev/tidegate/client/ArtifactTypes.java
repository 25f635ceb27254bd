package dev.tidegate.client;

import dev.tidegate.v1.ArtifactType;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The types of artifacts as they stand in {@code EXPERIMENT/TYPE} and in the names of directories. */
public final class ArtifactTypes {

    /** The four names, in the order of the types. */
    public static final List<String> NAMES = Stream.of(ArtifactType.values())
            .filter(type -> type != ArtifactType.ARTIFACT_TYPE_UNSPECIFIED && type != ArtifactType.UNRECOGNIZED)
            .map(ArtifactTypes::name)
            .toList();

    private ArtifactTypes() {}

    /** The name of a type. */
    public static String name(ArtifactType type) {
        return type.name().replace("ARTIFACT_TYPE_", "").toLowerCase(Locale.ROOT);
    }
}
