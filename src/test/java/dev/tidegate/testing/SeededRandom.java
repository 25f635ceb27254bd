package dev.tidegate.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Random;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * A parameter of a test that is a {@link Random}: of a new seed each run, so that the tests see ever new inputs.
 *
 * <p>A failure names the seed; {@code -Dtidegate.seed=…} runs the test with it again. Each test method starts from the
 * seed itself, whichever other tests run.
 *
 * <pre>{@code
 * @Test
 * void roundTrips(@SeededRandom Random random) { … }
 * }</pre>
 */
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(SeededRandom.Extension.class)
public @interface SeededRandom {

    /** The system property that sets the seed, a decimal number. */
    String PROPERTY = "tidegate.seed";

    /** Makes the generator and names its seed where a test fails. */
    final class Extension implements ParameterResolver, TestExecutionExceptionHandler {

        private static final long SEED = Long.getLong(PROPERTY, System.nanoTime());

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.isAnnotated(SeededRandom.class)
                    && parameter.getParameter().getType() == Random.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return new Random(SEED);
        }

        @Override
        public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
            failure.addSuppressed(new SeedOfFailure());
            System.err.println(context.getDisplayName() + " failed with -D" + PROPERTY + "=" + SEED);
            throw failure;
        }
    }

    /** Appears below the failure of a test, with the seed to repeat it. */
    final class SeedOfFailure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private SeedOfFailure() {
            super("repeat with -D" + PROPERTY + "=" + Extension.SEED, null, false, false);
        }
    }
}
