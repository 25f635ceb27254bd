package dev.tidegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;

/** What a refused call has to carry: a code, a reason of ours, and a sentence that names the thing. */
final class Refusals {

    private Refusals() {}

    /** Makes a call, which must be refused; the sentence must contain each of {@code named}. */
    static void assertRefused(ThrowingCallable call, Status.Code code, String reason, String... named) {
        assertRefused(catchThrowableOfType(StatusRuntimeException.class, call), code, reason, named);
    }

    /** As the other, of a call that was made. */
    static void assertRefused(
            @Nullable StatusRuntimeException failure, Status.Code code, String reason, String... named) {
        if (failure == null) {
            throw new AssertionError("it was to be refused with " + reason);
        }
        assertThat(failure.getStatus().getCode()).as(failure.getMessage()).isEqualTo(code);
        assertThat(WireClient.errorInfo(failure).getDomain()).isEqualTo("tidegate.dev");
        assertThat(WireClient.errorInfo(failure).getReason())
                .as(failure.getMessage())
                .isEqualTo(reason);
        assertThat(List.of(named))
                .allSatisfy(name -> assertThat(failure.getMessage()).contains(name));
    }
}
