package dev.tidegate.gateway.http;

import dev.tidegate.catalog.Snapshot;
import dev.tidegate.store.OrganisationId;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One request and its response, for one thread.
 *
 * @param request the request
 * @param organisation whose snapshots may be seen
 * @param stall a reader that takes nothing for this long is cut off
 * @param now the time
 */
record Exchange(HttpServerRequest request, OrganisationId organisation, Duration stall, Instant now) {

    private static final String IMMUTABLE = "private, max-age=31536000, immutable";
    private static final String REVALIDATED = "private, no-cache";

    HttpServerResponse response() {
        return request.response();
    }

    boolean isHead() {
        return request.method().equals(HttpMethod.HEAD);
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(request.getHeader(name));
    }

    /**
     * Sets what all responses have: nothing of them is run, framed, or read by another site.
     */
    HttpServerResponse begin(int status) {
        return response()
                .setStatusCode(status)
                .putHeader("Date", Preconditions.text(now))
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Content-Security-Policy", "sandbox; default-src 'none'")
                .putHeader("Cross-Origin-Resource-Policy", "same-origin");
    }

    /** As the other, of what a snapshot holds. That of a snapshot that is named by its number never changes. */
    HttpServerResponse begin(int status, Snapshot snapshot, boolean numbered) {
        return begin(status)
                .putHeader("Cache-Control", numbered ? IMMUTABLE : REVALIDATED)
                .putHeader("Tidegate-Snapshot", snapshot.id().toString());
    }

    ResponseBody body() {
        return new ResponseBody(response(), stall);
    }

    /** Answers with a problem. */
    void fail(Problem problem) {
        byte[] body = problem.json().getBytes(StandardCharsets.UTF_8);
        begin(problem.status())
                .putHeader("Content-Type", Problem.TYPE)
                .putHeader("Cache-Control", "no-store")
                .putHeader("Content-Length", Integer.toString(body.length));
        if (problem.status() == 405) {
            response().putHeader("Allow", "GET, HEAD");
        }
        if (problem.status() == 503) {
            response().putHeader("Retry-After", "5");
        }
        if (isHead()) {
            response().end();
        } else {
            response().end(Buffer.buffer(body));
        }
    }
}
