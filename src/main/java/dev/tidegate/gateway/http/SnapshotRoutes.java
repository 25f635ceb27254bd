package dev.tidegate.gateway.http;

import dev.tidegate.catalog.Experiments;
import dev.tidegate.catalog.Snapshot;
import dev.tidegate.catalog.SnapshotSelector;
import dev.tidegate.catalog.Snapshots;
import dev.tidegate.content.ChunkException;
import dev.tidegate.gateway.Caller;
import dev.tidegate.gateway.Failures;
import dev.tidegate.gateway.files.FilesConfig;
import dev.tidegate.gateway.files.Found;
import dev.tidegate.gateway.files.SnapshotFiles;
import dev.tidegate.gateway.http.ResourcePath.NoResource;
import dev.tidegate.gateway.ingest.Await;
import dev.tidegate.gateway.ingest.Slots;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.ManifestException;
import dev.tidegate.manifest.TreePath;
import io.opentelemetry.context.Context;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Clock;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Serves {@code /v1/snapshots/…} on the HTTP listener: {@link ResourcePath} says what there is. What is no request at all is
 * refused here too, whatever its path, so that each refusal is a {@link Problem}.
 */
@ApplicationScoped
class SnapshotRoutes {

    private static final Logger LOG = Logger.getLogger(SnapshotRoutes.class);

    private final Experiments experiments;
    private final Snapshots snapshots;
    private final SnapshotFiles files;
    private final FilesConfig config;
    private final Clock clock;
    private final HostNames hosts;

    SnapshotRoutes(Experiments experiments, Snapshots snapshots, SnapshotFiles files, FilesConfig config, Clock clock) {
        this.experiments = experiments;
        this.snapshots = snapshots;
        this.files = files;
        this.config = config;
        this.clock = clock;
        this.hosts = new HostNames(config.hosts().orElse(Set.of()));
    }

    void register(@Observes Router router) {
        router.route().order(Integer.MIN_VALUE).handler(this::requireUrl).failureHandler(this::refused);
        router.route("/v1/*").handler(this::handle);
    }

    /** As Quarkus would, which answers with nothing but the status: {@code Gateway} has it leave this to us. */
    private void requireUrl(RoutingContext context) {
        try {
            var _ = new URI(context.request().uri());
            context.next();
        } catch (URISyntaxException malformed) {
            refuse(
                    context,
                    400,
                    "the URL is malformed: write '%' as %25, and each byte of what no URL has as '%' with two hexadecimal"
                            + " digits");
        }
    }

    /** What the router refuses before it asks any route. */
    private void refused(RoutingContext context) {
        int status = context.statusCode();
        if (status == 400 || status == 404) {
            refuse(
                    context,
                    status,
                    "the request is malformed: it needs a Host header, and a path that begins with '/'");
        } else {
            context.next();
        }
    }

    private void refuse(RoutingContext context, int status, String detail) {
        context.request().resume();
        exchange(context.request()).fail(Problem.invalid(status, detail));
    }

    private Exchange exchange(HttpServerRequest request) {
        return new Exchange(request, Caller.ofHttp().organisation(), config.stall(), clock.instant());
    }

    private void handle(RoutingContext context) {
        HttpServerRequest request = context.request();
        // There is no body that anybody would read.
        request.resume();
        Exchange exchange = exchange(request);
        if (!hosts.allow(request)) {
            exchange.fail(new Problem(
                    421,
                    "INVALID_ARGUMENT",
                    "the gateway does not know itself under the name that the request gives: use its address, or have"
                            + " tidegate.files.hosts name it",
                    Map.of()));
            return;
        }
        if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            exchange.fail(new Problem(
                    405, "INVALID_ARGUMENT", "snapshots are read here, by GET and HEAD, and never changed", Map.of()));
            return;
        }
        Thread.ofVirtual().name("http-file").start(Context.current().wrap(() -> serveInTurn(exchange)));
    }

    private void serveInTurn(Exchange exchange) {
        try (Slots.@Nullable Turn turn = files.slots().enter(0)) {
            if (turn == null || !turn.await(config.patience())) {
                exchange.fail(new Problem(
                        503,
                        "TOO_MANY_STREAMS",
                        "the gateway reads " + config.streams() + " files at a time; try again later",
                        Map.of("limit", Integer.toString(config.streams()))));
                return;
            }
            serve(exchange);
        } catch (ManifestException | ChunkException damage) {
            failed(exchange, Failures.damaged(damage));
        } catch (Throwable failure) {
            failed(exchange, failure);
        }
    }

    private static void failed(Exchange exchange, Throwable failure) {
        if (exchange.response().ended() || exchange.response().closed()) {
            return;
        }
        if (failure instanceof IOException gone) {
            LOG.debugf(gone, "%s was broken off", exchange.request().path());
            exchange.response().reset();
        } else if (exchange.response().headWritten()) {
            // Told to the log at least; the reader sees that it is not whole.
            Problem problem = Problem.of(failure);
            LOG.warnf("%s was broken off: %s", exchange.request().path(), problem.detail());
            exchange.response().reset();
        } else {
            exchange.response().headers().clear();
            exchange.fail(Problem.of(failure));
        }
    }

    private void serve(Exchange exchange) throws IOException {
        ResourcePath resource;
        try {
            resource = ResourcePath.parse(exchange.request().path());
        } catch (NoResource none) {
            exchange.fail(Problem.invalid(none.status(), Objects.requireNonNull(none.getMessage())));
            return;
        }
        Snapshot snapshot = Await.result(() -> experiments
                .artifact(exchange.organisation(), resource.artifact())
                .chain(artifact -> snapshots.find(artifact, resource.selector())));
        boolean numbered = resource.selector() instanceof SnapshotSelector.Numbered;
        boolean follow = "true".equals(exchange.request().getParam("follow_links"));
        Found found = files.find(exchange.organisation(), snapshot.root(), resource.path(), follow);
        switch (resource.form()) {
            case TAR -> new TarResponse(files, exchange, snapshot, found).serve(numbered);
            case FILES -> {
                @Nullable TreePath path = found.path();
                if (path != null && found.entry() instanceof Entry.RegularFile file) {
                    new FileResponse(files, exchange, snapshot, numbered, path, file).serve();
                } else {
                    DirectoryResponse.serve(
                            exchange,
                            snapshot,
                            numbered,
                            path == null ? "" : path.toString(),
                            files.list(exchange.organisation(), snapshot.root(), path));
                }
            }
        }
    }
}
