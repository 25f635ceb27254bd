package dev.tidegate.client;

import dev.tidegate.v1.ErrorReason;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What proves who calls is not there, or is not to be sent: no gateway has been asked. */
public final class TokenException extends GatewayException {

    private static final long serialVersionUID = 1L;

    private final transient Path file;

    TokenException(Path file, String sentence, @Nullable Throwable cause) {
        super(ErrorReason.ERROR_REASON_UNSPECIFIED, sentence, Map.of("path", file.toString()), false, cause);
        this.file = file;
    }

    /** The file of the token. */
    public Path file() {
        return file;
    }
}
