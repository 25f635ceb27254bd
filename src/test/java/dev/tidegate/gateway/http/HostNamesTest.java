package dev.tidegate.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HostNamesTest {

    private final HostNames names = new HostNames(Set.of("gateway.example.com"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "127.0.0.1",
                "10.1.2.3",
                "::1",
                "gateway",
                "Node-7.local",
                "tidegate.tidegate.svc",
                "tidegate.tidegate.svc.cluster.local",
                "tidegate.internal",
                "Gateway.Example.com"
            })
    void allowsWhatNoPageCanBeCalled(String name) {
        assertThat(names.allow(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "example.com",
                "localhost.evil.example",
                "127.0.0.1.evil.example",
                "evil.svc.example",
                ""
            })
    void refusesWhatAnybodyCanOwn(String name) {
        assertThat(names.allow(name)).isFalse();
        assertThat(new HostNames(Set.of("*")).allow(name)).isTrue();
    }
}
