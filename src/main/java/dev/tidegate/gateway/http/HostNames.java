package dev.tidegate.gateway.http;

import io.netty.util.NetUtil;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Under which names this machine may be asked by what runs on it. A web page whose own name leads to the loopback interface
 * would be of the same origin as what is answered there (DNS rebinding), so there a request names an address, {@code
 * localhost}, or a name that is configured.
 *
 * @param configured further names, in lower case; {@code *} for all
 */
record HostNames(Set<String> configured) {

    boolean allow(HttpServerRequest request) {
        SocketAddress local = request.localAddress();
        @Nullable HostAndPort authority = request.authority();
        return local == null || !isLoopback(local.hostAddress()) || (authority != null && allow(authority.host()));
    }

    boolean allow(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        return name.equals("localhost")
                || NetUtil.isValidIpV4Address(name)
                || NetUtil.isValidIpV6Address(name)
                || configured.contains(name)
                || configured.contains("*");
    }

    private static boolean isLoopback(@Nullable String address) {
        return address == null
                || address.startsWith("127.")
                || address.equals("::1")
                || address.equals("0:0:0:0:0:0:0:1");
    }
}
