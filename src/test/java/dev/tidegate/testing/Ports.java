package dev.tidegate.testing;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for tests whose gateway has to come back at the same one, or that need one where nobody listens. None of them is given
 * to anybody who asks for any port, or to a connection for its own end: those begin at 32,768 on Linux, and above on others.
 */
public final class Ports {

    private static final int FIRST = 20_000;
    private static final int LAST = 32_767;

    private Ports() {}

    /** One that nobody listens on now. */
    public static int free() throws IOException {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, LAST + 1);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
                return socket.getLocalPort();
            } catch (BindException taken) {
                // Another one.
            }
        }
    }
}
