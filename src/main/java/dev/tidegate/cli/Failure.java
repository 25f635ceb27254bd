package dev.tidegate.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.tidegate.agent.run.AgentException;
import dev.tidegate.client.CallInterruptedException;
import dev.tidegate.client.GatewayException;
import dev.tidegate.client.GatewayUnreachableException;
import dev.tidegate.client.TokenException;
import dev.tidegate.config.ConfigException;
import dev.tidegate.demo.DemoException;
import dev.tidegate.files.FileFailure;
import dev.tidegate.gateway.boot.BootException;
import dev.tidegate.launch.LaunchFileException;
import dev.tidegate.manifest.ManifestException;
import dev.tidegate.materialise.PullRefusedException;
import dev.tidegate.terminal.Printable;
import dev.tidegate.terminal.Quantities;
import dev.tidegate.v1.ErrorReason;
import dev.tidegate.workstation.NoSuchEntryException;
import dev.tidegate.workstation.sync.LocalEditsException;
import dev.tidegate.workstation.sync.SyncRefusedException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Why a command failed, as it is told.
 *
 * @param reason for programs: an {@code ErrorReason} of the gateway without its prefix, or one of those below
 * @param message a sentence for people
 * @param metadata what it is about
 */
record Failure(String reason, String message, Map<String, String> metadata) {

    private static final String PREFIX = "ERROR_REASON_";

    private static final String INVALID_ARGUMENT =
            ErrorReason.ERROR_REASON_INVALID_ARGUMENT.name().substring(PREFIX.length());

    private static final String USAGE = "USAGE";

    static Failure usage(String message) {
        return new Failure(USAGE, message, Map.of());
    }

    /** Whether the command line is wrong, whoever has found so: some of what names and paths may be only the gateway knows. */
    boolean isUsage() {
        return reason.equals(USAGE) || reason.equals(INVALID_ARGUMENT);
    }

    static Failure of(Throwable failure) {
        return switch (failure) {
            case GatewayUnreachableException away ->
                new Failure(
                        "GATEWAY_UNREACHABLE",
                        sentence(away),
                        Map.of("gateway", away.address().toString()));
            case TokenException token -> about("TOKEN_UNUSABLE", sentence(token), token.file());
            case GatewayException refused ->
                new Failure(
                        refused.reason() == ErrorReason.ERROR_REASON_UNSPECIFIED
                                ? "GATEWAY_FAILED"
                                : refused.reason().name().substring(PREFIX.length()),
                        sentence(refused),
                        refused.metadata());
            case CallInterruptedException interrupted -> new Failure("INTERRUPTED", sentence(interrupted), Map.of());
            case PullRefusedException refused -> about("PULL_REFUSED", sentence(refused), refused.path());
            case SyncRefusedException refused -> about(refused.reason().name(), sentence(refused), refused.path());
            case LocalEditsException edits ->
                new Failure(
                        "LOCAL_EDITS",
                        sentence(edits),
                        Map.of(
                                "count",
                                Long.toString(edits.count()),
                                "path",
                                edits.paths().getFirst()));
            case NoSuchEntryException nothing -> about("PATH_NOT_FOUND", sentence(nothing), nothing.path());
            case ManifestException corrupt -> new Failure("DATA_CORRUPT", sentence(corrupt), Map.of());
            case LaunchFileException wrong -> about("LAUNCH_FILE_INVALID", sentence(wrong), wrong.file());
            case ConfigException wrong -> about("CONFIG_INVALID", sentence(wrong), wrong.file());
            case NotDirectoryException no -> about("NOT_A_DIRECTORY", FileFailure.sentence(no), no.getFile());
            case NoSuchFileException no -> about("NO_SUCH_FILE", FileFailure.sentence(no), no.getFile());
            case FileAlreadyExistsException no -> about("FILE_EXISTS", FileFailure.sentence(no), no.getFile());
            case AccessDeniedException no -> about("ACCESS_DENIED", FileFailure.sentence(no), no.getFile());
            case FileSystemException failed -> about("IO_FAILED", FileFailure.sentence(failed), failed.getFile());
            case InvalidPathException no ->
                new Failure(
                        "IO_FAILED",
                        no.getInput() + " cannot be a path in " + System.getProperty("sun.jnu.encoding")
                                + ", the encoding of the locale: set LC_ALL=C.UTF-8",
                        Map.of("path", no.getInput()));
            case UncheckedIOException wrapped when wrapped.getCause() != null -> of(wrapped.getCause());
            case AgentException failed -> new Failure("AGENT_FAILED", sentence(failed), Map.of());
            case DemoException failed -> new Failure("DEMO_FAILED", sentence(failed), Map.of());
            case IOException failed -> new Failure("IO_FAILED", sentence(failed), Map.of());
            case OutOfMemoryError full ->
                new Failure(
                        "OUT_OF_MEMORY",
                        "there is not enough memory (" + sentence(full) + "): the heap of this program may take "
                                + Quantities.bytes(Runtime.getRuntime().maxMemory())
                                + "; TIDEGATE_JAVA_OPTS=-Xmx1g lets the launcher give it more",
                        Map.of());
            case BootException failed -> new Failure("START_FAILED", sentence(failed), Map.of());
            default ->
                new Failure(
                        "INTERNAL",
                        "this is a defect of Tidegate, --debug shows where: " + sentence(failure),
                        Map.of());
        };
    }

    /** One line, with nothing that steers a terminal. */
    String text() {
        return "tidegate: " + Printable.line(message);
    }

    /** The object that {@code --output json} puts on stderr. */
    String json() {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("reason", reason);
            json.writeStringField("message", message);
            json.writeObjectFieldStart("metadata");
            for (Map.Entry<String, String> entry : metadata.entrySet()) {
                json.writeStringField(entry.getKey(), entry.getValue());
            }
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException("a string takes everything", impossible);
        }
        return text.toString();
    }

    private static Failure about(String reason, String message, @Nullable Object subject) {
        return new Failure(reason, message, subject == null ? Map.of() : Map.of("path", subject.toString()));
    }

    /** What a failure says, or at least its kind. */
    static String sentence(Throwable failure) {
        String message = failure.getMessage();
        return message == null || message.isBlank() ? failure.toString() : message;
    }
}
