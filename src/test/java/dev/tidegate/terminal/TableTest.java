package dev.tidegate.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

final class TableTest {

    @Test
    void alignsColumns() {
        // Given
        Table table = new Table().right("SIZE").left("NAME").left("NOTE");

        // When
        table.row("1 B", "größe", "").row("12 KiB", "b", "last");

        // Then
        assertThat(table.lines()).containsExactly("  SIZE  NAME   NOTE", "   1 B  größe", "12 KiB  b      last");
    }

    @Test
    void makesNamesHarmless() {
        // Given
        Table table = new Table().left("NAME");

        // When
        table.row("a\u001b[31mb\nc\td");

        // Then
        assertThat(table.lines()).containsExactly("NAME", "a\\u001b[31mb\\nc\\td");
    }

    @Test
    void refusesRowsOfAnotherWidth() {
        // Given
        Table table = new Table().left("A").left("B");

        // When, Then
        assertThatIllegalArgumentException().isThrownBy(() -> table.row("only one"));
    }
}
