package dev.tidegate.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {

    @ParameterizedTest
    @ValueSource(strings = {"localhost:9000", "10.0.0.1:1", "[::1]:9000", "gateway.example.org:65535"})
    void anAddressIsWrittenAsItIsRead(String text) {
        assertThat(GatewayAddress.parse(text)).hasToString(text);
    }

    @Test
    void aMissingPortIsTheUsualOne() {
        assertThat(GatewayAddress.parse("host")).isEqualTo(new GatewayAddress("host", 9000));
        assertThat(GatewayAddress.parse("[::1]")).isEqualTo(new GatewayAddress("::1", 9000));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ":9000", "host:", "host:x", "host:0", "host:65536", "::1", "[::1", "[::1]9000", "http://host"
            })
    void whatIsNoAddressIsRefused(String text) {
        assertThatThrownBy(() -> GatewayAddress.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aUrlIsNoAddress() {
        assertThatThrownBy(() -> GatewayAddress.parse("http://localhost:9000"))
                .hasMessage("\"http://localhost:9000\" is a URL: write HOST:PORT, such as localhost:9000");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "art_01",
                "run/checkpoints",
                "run/checkpoints@7",
                "run/logs@best-2.1_x",
                "art_01@2026-11-23T10:00:00Z"
            })
    void aSnapshotIsWrittenAsItIsRead(String text) {
        assertThat(SnapshotName.parse(text)).hasToString(text);
    }

    @Test
    void whatStandsAfterTheSignTellsItsKind() {
        assertThat(SnapshotName.parse("a/logs").selection()).isEqualTo(new SnapshotName.Selection.Newest());
        assertThat(SnapshotName.parse("a/logs@12").selection()).isEqualTo(new SnapshotName.Selection.Numbered(12));
        assertThat(SnapshotName.parse("a/logs@12a").selection()).isEqualTo(new SnapshotName.Selection.Label("12a"));
        assertThat(SnapshotName.parse("a/logs@2026-11-23T12:00:00+02:00").selection())
                .isEqualTo(new SnapshotName.Selection.At(Instant.parse("2026-11-23T10:00:00.999999Z")));
        assertThat(SnapshotName.parse("a/logs@2026-11-23T10:00Z").selection())
                .isEqualTo(new SnapshotName.Selection.At(Instant.parse("2026-11-23T10:00:00.999999Z")));
    }

    @Test
    void aTimeWithAFractionIsThatVeryMoment() {
        assertThat(SnapshotName.parse("a/logs@2026-11-23T10:00:00.159637Z").selection())
                .isEqualTo(new SnapshotName.Selection.At(Instant.parse("2026-11-23T10:00:00.159637Z")));
        assertThat(SnapshotName.parse("a/logs@2026-11-23T10:00:00.000Z").selection())
                .isEqualTo(new SnapshotName.Selection.At(Instant.parse("2026-11-23T10:00:00Z")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "run",
                "run/",
                "/logs",
                "a/b/c",
                "run/logs@",
                "run/logs@0",
                "run/logs@99999999999999999999",
                "run/logs@a b",
                "run/logs@10:00",
                "run/logs@a@b"
            })
    void whatIsNoSnapshotIsRefused(String text) {
        assertThatThrownBy(() -> SnapshotName.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
