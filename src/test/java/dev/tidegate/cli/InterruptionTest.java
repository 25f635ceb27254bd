package dev.tidegate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class InterruptionTest {

    @Test
    void whatIsNotInOrderIsNotSaidToBe() {
        assertThat(Interruption.told("whole files stay", true).text())
                .isEqualTo("tidegate: interrupted: whole files stay");
        assertThat(Interruption.told("", true).text()).isEqualTo("tidegate: interrupted");
        assertThat(Interruption.told("whole files stay", false).text())
                .isEqualTo("tidegate: interrupted; it did not end in time");
        assertThat(Interruption.told("whole files stay", true).json())
                .isEqualTo(
                        "{\"reason\":\"INTERRUPTED\",\"message\":\"interrupted: whole files stay\",\"metadata\":{}}");
    }
}
