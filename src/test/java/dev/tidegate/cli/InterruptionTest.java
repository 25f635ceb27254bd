package dev.tidegate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class InterruptionTest {

    @Test
    void whatIsNotInOrderIsNotSaidToBe() {
        assertThat(Interruption.sentence("whole files stay", true))
                .isEqualTo("tidegate: interrupted: whole files stay");
        assertThat(Interruption.sentence("", true)).isEqualTo("tidegate: interrupted");
        assertThat(Interruption.sentence("whole files stay", false))
                .isEqualTo("tidegate: interrupted; it did not end in time");
    }
}
