package dev.tidegate.gateway.http;

import io.netty.util.NetUtil;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Under which names the gateway may be asked. A web page whose own name leads to it would be of the same origin as what is
 * answered (DNS rebinding), also where a container or a network behind a firewall lies between. So a request names an
 * address, a name that nobody can own in the public DNS, or one that is configured.
 *
 * @param configured further names, in lower case; {@code *} for all
 */
record HostNames(Set<String> configured) {

    /**
     * Domains that are not in the public DNS: RFC 6761, RFC 6762, RFC 8375, the one that ICANN keeps for private use, and
     * Kubernetes' services.
     */
    private static final Set<String> PRIVATE = Set.of(".localhost", ".local", ".home.arpa", ".internal", ".svc");

    boolean allow(HttpServerRequest request) {
        @Nullable HostAndPort authority = request.authority();
        return authority != null && allow(authority.host());
    }

    boolean allow(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        return NetUtil.isValidIpV4Address(name)
                || NetUtil.isValidIpV6Address(name)
                // A name of one part is that of a machine, or of a service in a container's network.
                || (name.indexOf('.') < 0 && !name.isEmpty())
                || PRIVATE.stream().anyMatch(name::endsWith)
                || configured.contains(name)
                || configured.contains("*");
    }
}
