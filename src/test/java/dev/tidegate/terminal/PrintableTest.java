package dev.tidegate.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PrintableTest {

    @Test
    void leavesWordsOfAllScriptsAlone() {
        // Given letters beyond ASCII, a joined emoji and a backslash
        String name = "Größe/模型/👩\u200d🔬\\n";

        // When
        String printed = Printable.line(name);

        // Then
        assertThat(printed).isEqualTo(name);
    }

    @Test
    void showsWhatWouldSteerATerminal() {
        // Given an escape, a bell, the one-character CSI, a mark that reverses text, and half a surrogate pair
        String name = "\u001b[2J\u0007\u009b\u202e\ud83d";

        // When
        String printed = Printable.line(name);

        // Then
        assertThat(printed).isEqualTo("\\u001b[2J\\u0007\\u009b\\u202e\\ud83d");
    }

    @Test
    void keepsLineBreaksWhereLinesAreAskedFor() {
        // Given
        String text = "one\ntwo\r\nthree\u0000";

        // When
        String printed = Printable.lines(text);

        // Then
        assertThat(printed).isEqualTo("one\ntwo\nthree\\u0000");
    }
}
