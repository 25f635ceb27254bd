package dev.tidegate.content;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ArrayPoolTest {

    private final ArrayPool pool = new ArrayPool(1, 100, 200, 1000);

    @Test
    void noArrayIsShorterThanAskedForOrMoreThanTwiceAsLong() {
        for (int length = 1; length < 1500; length++) {
            byte[] array = pool.take(length);
            assertThat(array.length).isBetween(length, 2 * length + 1);
            pool.giveBack(array);
        }
    }

    @Test
    void whatIsGivenBackIsUsedAgainAndNoMoreThanIsKept() {
        // Given
        byte[] first = pool.take(150);
        byte[] second = pool.take(150);
        assertThat(second).isNotSameAs(first);

        // When
        pool.giveBack(first);
        pool.giveBack(second);

        // Then
        assertThat(pool.take(200)).isSameAs(first);
        assertThat(pool.take(200)).isNotSameAs(second);
    }

    @Test
    void whatIsNotOfALengthThatIsKeptIsNotTaken() {
        pool.giveBack(new byte[150]);
        assertThat(pool.take(150)).hasSize(200);
    }
}
