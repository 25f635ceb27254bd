package dev.tidegate.gateway;

import dev.tidegate.testing.PostgresTestResource;
import dev.tidegate.testing.SeededRandom;
import io.quarkus.test.common.QuarkusTestResource;
import java.util.Random;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;

/** Tests that speak to the gateway in this process over the real wire. */
@QuarkusTestResource(PostgresTestResource.class)
abstract class WireTests {

    @ConfigProperty(name = "quarkus.grpc.server.test-port", defaultValue = "9001")
    int port;

    /** The tests share a store: what is new in one must not have been stored by another. */
    Random random;

    WireClient client;

    @BeforeEach
    final void connect(@SeededRandom Random seeded, TestInfo test) {
        random = new Random(seeded.nextLong() ^ test.getDisplayName().hashCode());
        client = new WireClient(port);
    }

    @AfterEach
    final void disconnect() {
        client.close();
    }
}
