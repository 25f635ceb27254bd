package dev.tidegate.cli;

import dev.tidegate.client.GatewayAddress;
import dev.tidegate.client.SnapshotName;
import dev.tidegate.client.SnapshotPath;
import dev.tidegate.manifest.TreePath;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** From words on the command line to what they name; what is no name of its kind is told in the parser's sentence. */
final class Arguments {

    /** How every help names the two ways to name an artifact. */
    static final String ARTIFACT = "An artifact: its id (art_…), or EXPERIMENT/TYPE with an experiment's name or id and"
            + " checkpoints, logs, lossy or crud.";

    /** How every help names the ways to name a snapshot. */
    static final String SNAPSHOT =
            "A snapshot: ARTIFACT for its newest, ARTIFACT@NUMBER, ARTIFACT@LABEL, or ARTIFACT@TIME"
                    + " for the newest at that time, such as llama/checkpoints@2026-11-23T10:00:00Z; without a fraction it"
                    + " is the end of that second.";

    private Arguments() {}

    /** A file or directory of this machine. */
    static final class ToPath implements ITypeConverter<Path> {
        @Override
        public Path convert(String text) {
            // To the file system it is the current directory, and to whoever wrote it a variable that is not set.
            if (text.isEmpty()) {
                throw new TypeConversionException("an empty text is no path: write . for the current directory");
            }
            // Java has put it for bytes that are no UTF-8, and would look for another file.
            if (text.indexOf('\uFFFD') >= 0) {
                throw new TypeConversionException("\"" + text + "\" is no path in UTF-8");
            }
            try {
                return Path.of(text);
            } catch (InvalidPathException refused) {
                throw new TypeConversionException(Failure.of(refused).message());
            }
        }
    }

    /** What something is called. */
    static final class ToName implements ITypeConverter<String> {
        @Override
        public String convert(String text) {
            if (text.isBlank()) {
                throw new TypeConversionException("an empty text is no name");
            }
            return text;
        }
    }

    /** HOST:PORT. */
    static final class ToGatewayAddress implements ITypeConverter<GatewayAddress> {
        @Override
        public GatewayAddress convert(String text) {
            return parsed(text, GatewayAddress::parse);
        }
    }

    /** SNAPSHOT. */
    static final class ToSnapshotName implements ITypeConverter<SnapshotName> {
        @Override
        public SnapshotName convert(String text) {
            return parsed(text, SnapshotName::parse);
        }
    }

    /** SNAPSHOT[:PATH]. */
    static final class ToSnapshotPath implements ITypeConverter<SnapshotPath> {
        @Override
        public SnapshotPath convert(String text) {
            return parsed(text, SnapshotPath::parse);
        }
    }

    /** ARTIFACT, checked for its form. */
    static final class ToArtifact implements ITypeConverter<String> {
        @Override
        public String convert(String text) {
            return parsed(text, artifact -> new SnapshotName(artifact, new SnapshotName.Selection.Newest()).artifact());
        }
    }

    /** A length of time, such as 500ms, 30s, 10m, 2h. */
    static final class ToDuration implements ITypeConverter<Duration> {
        private static final Pattern FORM = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

        @Override
        public Duration convert(String text) {
            Matcher matcher = FORM.matcher(text);
            if (!matcher.matches()) {
                throw new TypeConversionException(
                        "\"" + text + "\" is no length of time: write a number and ms, s, m or h, such as 30s");
            }
            long number = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                default -> Duration.ofHours(number);
            };
        }
    }

    /** A time in the past: such as 2026-11-23T10:00:00Z, or 10m for ten minutes ago. */
    static final class ToPastTime implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String text) {
            try {
                return text.indexOf(':') >= 0
                        ? OffsetDateTime.parse(text).toInstant()
                        : Instant.now().minus(new ToDuration().convert(text));
            } catch (DateTimeParseException | TypeConversionException neither) {
                throw new TypeConversionException("\"" + text
                        + "\" is no time: write it as 2026-11-23T10:00:00Z, or how long ago, such as 30s, 10m or 2h");
            }
        }
    }

    /** A number of bytes with or without a unit, such as 512, 64KiB or 100MB. */
    static final class ToBytes implements ITypeConverter<Long> {
        private static final Pattern PLAIN = Pattern.compile("\\d{1,18}");
        private static final Pattern FORM = Pattern.compile("(\\d{1,9})(B|kB|MB|GB|KiB|MiB|GiB)");

        @Override
        public Long convert(String text) {
            if (PLAIN.matcher(text).matches()) {
                return Long.valueOf(text);
            }
            Matcher matcher = FORM.matcher(text);
            if (!matcher.matches()) {
                throw new TypeConversionException("\"" + text
                        + "\" is no number of bytes: write a number, and kB, MB, GB, KiB, MiB or GiB, such as 100MB");
            }
            long number = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "B" -> number;
                case "kB" -> number * 1_000;
                case "MB" -> number * 1_000_000;
                case "GB" -> number * 1_000_000_000;
                case "KiB" -> number << 10;
                case "MiB" -> number << 20;
                default -> number << 30;
            };
        }
    }

    /**
     * Returns the path that was given after the snapshot's colon or as an argument of its own.
     *
     * @throws ParameterException if both were given, or it is no path
     */
    static Optional<TreePath> path(CommandLine command, SnapshotPath place, @Nullable String argument) {
        if (argument == null) {
            return place.path();
        }
        if (place.path().isPresent()) {
            throw new ParameterException(command, "PATH is given twice: after the colon, and as an argument.");
        }
        try {
            return SnapshotPath.parsePath(argument);
        } catch (IllegalArgumentException refused) {
            throw new ParameterException(command, refused.getMessage(), refused);
        }
    }

    /**
     * Returns paths that were given as arguments; one that names the root stands for everything, as if none were given.
     *
     * @throws ParameterException if one is no path
     */
    static List<TreePath> paths(CommandLine command, List<String> arguments) {
        List<TreePath> paths = new ArrayList<>();
        for (String argument : arguments) {
            try {
                Optional<TreePath> path = SnapshotPath.parsePath(argument);
                if (path.isEmpty()) {
                    return List.of();
                }
                paths.add(path.get());
            } catch (IllegalArgumentException refused) {
                throw new ParameterException(command, refused.getMessage(), refused);
            }
        }
        return paths;
    }

    private static <T> T parsed(String text, Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException refused) {
            throw new TypeConversionException(refused.getMessage());
        }
    }
}
