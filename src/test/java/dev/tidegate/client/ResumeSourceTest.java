package dev.tidegate.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tidegate.client.SnapshotName.Selection;
import dev.tidegate.v1.ResumeInput;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResumeSourceTest {

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                // source alone
                "llama, llama, -, -, -",
                "art_01, art_01, -, -, -",
                "llama 7B/logs, llama 7B/logs, -, -, -",
                // which
                "llama/logs@7, llama/logs, 7, -, -",
                "llama@best, llama, best, -, -",
                "llama@2026-11-23T10:00:00Z, llama, 2026-11-23T10:00:00.999999Z, -, -",
                "llama@2026-11-23T10:00Z, llama, 2026-11-23T10:00:00.999999Z, -, -",
                "llama@2026-11-23T12:30:00.5+02:30, llama, 2026-11-23T10:00:00.500Z, -, -",
                "llama@2026-11-23T12:00:00+02, llama, 2026-11-23T10:00:00.999999Z, -, -",
                // pattern
                "llama:model.pt, llama, -, -, model.pt",
                "llama:a:b, llama, -, -, a:b",
                "llama/logs:**/*.pt, llama/logs, -, -, **/*.pt",
                "llama@2:a@3/b, llama, 2, -, a@3/b",
                "llama@best:eval/**, llama, best, -, eval/**",
                "llama@2026-11-23T10:00:00Z:a, llama, 2026-11-23T10:00:00.999999Z, -, a",
                "llama@2026-11-23T12:00:00+02:00:a, llama, 2026-11-23T10:00:00.999999Z, -, a",
                "llama@2026-11-23T12:00:00+02:00, llama, 2026-11-23T10:00:00.999999Z, -, -",
                "llama@2026-11-23T10:00Z:00, llama, 2026-11-23T10:00:00.999999Z, -, 00",
                // a pattern holds what it wants, as directories of sweeps do
                "llama:lr=0.1/**, llama, -, -, lr=0.1/**",
                "llama@best:lr=0.1, llama, best, -, lr=0.1",
                // directory
                "old=llama, llama, -, old, -",
                "a/b=llama/logs@7, llama/logs, 7, a/b, -",
                "a@b=llama@best:c=d/*, llama, best, a@b, c=d/*",
                "old=art_01@2026-11-23T10:00:00Z:x, art_01, 2026-11-23T10:00:00.999999Z, old, x",
                // it is the gateway that tells what is no path
                "../x=llama, llama, -, ../x, -",
            })
    void readsEachPart(String text, String source, String which, String under, String pattern) {
        // Given a text
        // When
        ResumeSource parsed = ResumeSource.parse(text);

        // Then
        assertThat(parsed.source()).isEqualTo(source);
        assertThat(which(parsed.selection())).isEqualTo(Optional.ofNullable(which));
        assertThat(parsed.under()).isEqualTo(Optional.ofNullable(under));
        assertThat(parsed.pattern()).isEqualTo(Optional.ofNullable(pattern));
    }

    private static Optional<String> which(Selection selection) {
        return switch (selection) {
            case Selection.Newest() -> Optional.empty();
            case Selection.Numbered(long number) -> Optional.of(Long.toString(number));
            case Selection.Label(String label) -> Optional.of(label);
            case Selection.At(Instant time) -> Optional.of(time.toString());
        };
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":a",
                "@best",
                "old=",
                "=llama",
                "=llama/logs@7",
                "old=:a",
                "llama:",
                "a/b/c",
                "llama/",
                "/logs",
                "a=b=llama",
                "llama@best@2"
            })
    void whatHasNotTheFormIsToldWithTheForm(String text) {
        // Given a text
        // When, Then
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ResumeSource.parse(text))
                .withMessageContaining('"' + text + '"');
    }

    @ParameterizedTest
    @CsvSource({
        "llama@0, numbered from 1",
        "llama@99999999999999999999, numbered from 1",
        "llama@, after '@'",
        "llama@not a label, after '@'",
        "llama@2026-13-23T10:00:00Z, is no time",
        "llama@2026-11-23T10:00:00, is no time",
        "llama@2026-11-23T10:00:00:a, is no time",
    })
    void whatNamesNoSnapshotIsToldSo(String text, String sentence) {
        // Given a text
        // When, Then
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ResumeSource.parse(text))
                .withMessageContaining(sentence);
    }

    @Test
    void becomesAMessage() {
        // Given
        ResumeSource all = ResumeSource.parse("a/b=llama/logs@2026-11-23T10:00:00.5Z:x/**");

        // When
        ResumeInput message = all.toProto().build();

        // Then
        assertThat(message.getUnder()).isEqualTo("a/b");
        assertThat(message.getSource()).isEqualTo("llama/logs");
        assertThat(message.getAt().getSeconds())
                .isEqualTo(Instant.parse("2026-11-23T10:00:00Z").getEpochSecond());
        assertThat(message.getAt().getNanos()).isEqualTo(500_000_000);
        assertThat(message.getIncludeList()).containsExactly("x/**");
        assertThat(message.getExcludeList()).isEmpty();
        assertThat(ResumeSource.parse("llama@7").toProto().getNumber()).isEqualTo(7);
        assertThat(ResumeSource.parse("llama@best").toProto().getLabel()).isEqualTo("best");
        assertThat(ResumeSource.ofId("exp_1").toProto().build())
                .isEqualTo(ResumeInput.newBuilder().setSource("exp_1").build());
    }
}
