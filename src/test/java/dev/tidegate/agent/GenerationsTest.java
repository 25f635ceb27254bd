package dev.tidegate.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.client.Cut;
import dev.tidegate.manifest.TreePath;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class GenerationsTest {

    @Test
    void pointersOfAllRanksAreTheSameOneButForTheRank() {
        for (int rank : new int[] {0, 3, 12}) {
            assertThat(Generations.of(
                            committed(
                                    Map.of("run/model_rank_" + rank + ".latest_checkpoint", 7L, "Rank-00" + rank, 8L)),
                            rank))
                    .containsExactlyInAnyOrderEntriesOf(Map.of("run/model_rank_#.latest_checkpoint", 7L, "Rank-#", 8L));
        }
        assertThat(Generations.of(committed(Map.of("rank_13", 1L, "v3", 2L, "frank_3x", 5L)), 3))
                .containsOnlyKeys("rank_13", "v3", "frank_#x");
    }

    @Test
    void ofPointersThatAreTheSameTheOneBehindCounts() {
        assertThat(Generations.of(committed(Map.of("rank_1", 7L, "rank_01", 6L)), 1))
                .containsExactly(Map.entry("rank_#", 6L));
        assertThat(Generations.of(committed(Map.of("rank_1", 7L, "rank_01", Selection.NO_GENERATION)), 1))
                .containsExactly(Map.entry("rank_#", Cut.UNKNOWN));
    }

    @Test
    void whatTheGatewayWouldRefuseIsNamedByADigestOrLeftOut() {
        SortedMap<TreePath, Long> many = new TreeMap<>();
        many.put(TreePath.parse("a".repeat(200) + "/" + "b".repeat(200)), 1L);
        many.put(TreePath.parse("line\nbreak"), 2L);
        assertThat(Generations.of(many, 0))
                .allSatisfy((name, number) -> assertThat(name).hasSize(64).matches("[0-9a-f]+"));
        for (int i = 0; i < 200; i++) {
            many.put(TreePath.parse("p" + i), 3L);
        }
        assertThat(Generations.of(many, 0)).hasSize(Cut.MAX_GENERATIONS);
    }

    private static SortedMap<TreePath, Long> committed(Map<String, Long> pointers) {
        SortedMap<TreePath, Long> committed = new TreeMap<>();
        pointers.forEach((path, number) -> committed.put(TreePath.parse(path), number));
        return committed;
    }
}
