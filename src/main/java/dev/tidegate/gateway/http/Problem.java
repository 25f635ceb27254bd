package dev.tidegate.gateway.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.tidegate.gateway.Failures;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * Why a request failed, as {@code application/problem+json} (RFC 9457) with the members {@code status}, {@code title},
 * {@code detail}, {@code reason} (as in the {@code ErrorInfo} of a call) and {@code metadata}.
 *
 * @param status the HTTP status
 * @param reason an {@code ErrorReason} without its prefix
 * @param detail a sentence
 * @param metadata what it is about
 */
record Problem(int status, String reason, String detail, Map<String, String> metadata) {

    static final String TYPE = "application/problem+json";

    private static final JsonFactory JSON = new JsonFactory();

    /** A request that is not of its form. */
    static Problem invalid(int status, String detail) {
        return new Problem(status, status == 404 ? "PATH_NOT_FOUND" : "INVALID_ARGUMENT", detail, Map.of());
    }

    /** From whatever a request failed with. */
    static Problem of(Throwable failure) {
        StatusRuntimeException status = Failures.toStatus(failure);
        Failures.Told told = Failures.told(status);
        String sentence = status.getStatus().getDescription();
        return new Problem(
                switch (status.getStatus().getCode()) {
                    case NOT_FOUND -> 404;
                    case INVALID_ARGUMENT -> 400;
                    case FAILED_PRECONDITION, ALREADY_EXISTS, ABORTED -> 409;
                    case OUT_OF_RANGE -> 416;
                    case UNAVAILABLE, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED -> 503;
                    case OK,
                            CANCELLED,
                            UNKNOWN,
                            PERMISSION_DENIED,
                            UNIMPLEMENTED,
                            INTERNAL,
                            DATA_LOSS,
                            UNAUTHENTICATED -> 500;
                },
                told.reason(),
                sentence == null ? told.reason() : sentence,
                told.metadata());
    }

    String json() {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("title", title());
            json.writeNumberField("status", status);
            json.writeStringField("detail", detail);
            json.writeStringField("reason", reason);
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

    private String title() {
        return switch (status) {
            case 400 -> "Bad Request";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 409 -> "Conflict";
            case 412 -> "Precondition Failed";
            case 416 -> "Range Not Satisfiable";
            case 421 -> "Misdirected Request";
            case 503 -> "Service Unavailable";
            default -> "Internal Server Error";
        };
    }
}
