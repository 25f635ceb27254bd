package dev.tidegate.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.manifest.Units;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What belongs together by its name alone. */
class CheckpointUnitsTest {

    private static final CheckpointUnits UNITS = CheckpointUnits.DEFAULT;

    @ParameterizedTest
    @CsvSource({
        "model.latest_checkpoint, model.latest_checkpoint",
        "model_checkpoint_7, model.latest_checkpoint",
        "model_checkpoint_007, model.latest_checkpoint",
        "model_checkpoint_5_force, model.latest_checkpoint",
        "model_rank_3_checkpoint_7, model_rank_3.latest_checkpoint",
        "a_checkpoint_1_checkpoint_2, a_checkpoint_1.latest_checkpoint",
        "_force_checkpoint_2, _force.latest_checkpoint",
        "latest, latest",
        "global_step100, latest",
        "latest_checkpointed_iteration.txt, latest_checkpointed_iteration.txt",
        "iter_0000100, latest_checkpointed_iteration.txt",
    })
    void theDefaultRulesTellTheGroupOfAName(String name, String pointer) {
        // Given a name
        // When
        Units.Group group = UNITS.group(name);

        // Then the pointer is of the same group
        assertThat(group).isNotNull();
        assertThat(group(name).pointer()).isEqualTo(pointer);
        assertThat(UNITS.group(pointer)).isEqualTo(group).hasSameHashCodeAs(group);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model.pt",
                ".latest_checkpoint",
                "_checkpoint_7",
                "model_checkpoint_",
                "model_checkpoint_x",
                "model_checkpoint_7_forced",
                "model_checkpoint_7.tmp",
                "model_checkpoint_1234567890123456789",
                "model.latest_checkpoint.tmp",
                "latest.txt",
                "Latest",
                "global_step",
                "global_step7_force",
                "iter_7a",
                "checkpoint-500",
            })
    void otherNamesAreOnTheirOwn(String name) {
        // Given a name
        // When, Then
        assertThat(UNITS.group(name)).isNull();
    }

    @Test
    void groupsOfDifferentNamesAndRulesAreDifferent() {
        // Given
        List<String> names = List.of("model_checkpoint_7", "models_checkpoint_7", "global_step7", "iter_7");

        // When, Then
        assertThat(names.stream().map(UNITS::group).distinct()).hasSize(4);
    }

    @ParameterizedTest
    @CsvSource({
        "model.latest_checkpoint, model~art_1.latest_checkpoint",
        "model_checkpoint_7, model~art_1_checkpoint_7",
        "model_checkpoint_007, model~art_1_checkpoint_007",
        "model_checkpoint_5_force, model~art_1_checkpoint_5_force",
        "_force_checkpoint_2, _force~art_1_checkpoint_2",
    })
    void aGroupWithANameGetsAnother(String name, String renamed) {
        // Given a member
        // When
        String other = group(name).renamed(name, "~art_1");

        // Then it is one of another group, to which its pointer belongs as well
        assertThat(other).isEqualTo(renamed);
        Units.Group group = group(name);
        assertThat(UNITS.group(renamed)).isNotEqualTo(group);
        assertThat(UNITS.group(Objects.requireNonNull(group.renamed(group.pointer(), "~art_1"))))
                .isEqualTo(UNITS.group(renamed));
    }

    @ParameterizedTest
    @ValueSource(strings = {"latest", "global_step7", "latest_checkpointed_iteration.txt", "iter_7"})
    void aGroupWithoutANameGetsNone(String name) {
        // Given a member
        // When, Then
        assertThat(group(name).renamed(name, "~art_1")).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "__0_0.distcp, true",
        "__12_3.distcp, true",
        "__.distcp, false",
        "_0_0.distcp, false",
        ".metadata, false",
        "__0_0.distcp.tmp, false",
        "model.pt, false",
    })
    void aShardIsAPartOfItsDirectory(String name, boolean part) {
        // Given a name
        // When, Then
        assertThat(UNITS.isPart(name)).isEqualTo(part);
    }

    @Test
    void theFirstRuleThatFitsCountsAndOthersTakeThePlaceOfTheDefaults() {
        // Given two rules for one name, and a rule for shards
        CheckpointUnits units = new CheckpointUnits(
                List.of(PointerRule.parse("{name}.last:{name}-{number}:.keep"), PointerRule.parse("any:a-{number}")),
                List.of(ShardRule.parse("index.json:{name}.safetensors")));

        // When, Then
        assertThat(pointer(units, "a-7")).isEqualTo("a.last");
        assertThat(pointer(units, "a-7.keep")).isEqualTo("a.last");
        assertThat(pointer(units, "any")).isEqualTo("any");
        assertThat(units.group("model.latest_checkpoint")).isNull();
        assertThat(units.isPart("model-1.safetensors")).isTrue();
        assertThat(units.isPart("__0_0.distcp")).isFalse();
    }

    @Test
    void withoutRulesNothingBelongsTogether() {
        // Given
        CheckpointUnits none = new CheckpointUnits(List.of(), List.of());

        // When, Then
        assertThat(none.group("model_checkpoint_7")).isNull();
        assertThat(none.isPart("__0_0.distcp")).isFalse();
    }

    private static Units.Group group(String name) {
        return Objects.requireNonNull(UNITS.group(name));
    }

    private static @Nullable String pointer(Units units, String name) {
        Units.Group group = units.group(name);
        return group == null ? null : group.pointer();
    }
}
