package dev.tidegate.client;

import dev.tidegate.v1.ErrorReason;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A gateway refused a call or could not be asked. The message is a sentence for the user; programs look at {@link
 * #reason} alone.
 */
public sealed class GatewayException extends RuntimeException permits GatewayUnreachableException, TokenException {

    private static final long serialVersionUID = 1L;

    private final ErrorReason reason;
    private final transient Map<String, String> metadata;
    private final boolean retryable;

    GatewayException(
            ErrorReason reason,
            String sentence,
            Map<String, String> metadata,
            boolean retryable,
            @Nullable Throwable cause) {
        super(sentence, cause);
        this.reason = reason;
        this.metadata = Map.copyOf(metadata);
        this.retryable = retryable;
    }

    /** Why; {@link ErrorReason#ERROR_REASON_UNSPECIFIED} where the gateway gave no reason of its own. */
    public ErrorReason reason() {
        return reason;
    }

    /** What the reason is about: names of things and limits, as the gateway gave them. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** Whether the same call may succeed later without any change. It has been repeated as the policy allows already. */
    public boolean retryable() {
        return retryable;
    }
}
