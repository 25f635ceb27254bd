package dev.tidegate.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What turns traces on, and what they need. */
final class TracesTest {

    private static final Map<String, String> ON = Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318");

    @AfterEach
    void forget() {
        System.clearProperty("otel.traces.sampler");
        System.clearProperty("otel.propagators");
    }

    @Test
    void aSamplerThatIsNotHereTurnsThemOff() {
        // Given, as by OTEL_TRACES_SAMPLER
        System.setProperty("otel.traces.sampler", "xray");
        List<String> warnings = new ArrayList<>();
        // When
        try (Traces.Session _ = Traces.begin(ON, warnings::add)) {
            // Then
            assertThat(Traces.interceptor()).isEmpty();
        }
        assertThat(warnings)
                .singleElement()
                .asString()
                .startsWith("Traces are off. ")
                .contains("xray");
    }

    @Test
    void propagatorsThatAreNotHereAreNotNeeded() {
        // Given, as by OTEL_PROPAGATORS
        System.setProperty("otel.propagators", "tracecontext,baggage,b3");
        List<String> warnings = new ArrayList<>();
        // When
        try (Traces.Session _ = Traces.begin(ON, warnings::add)) {
            // Then
            assertThat(Traces.interceptor()).isPresent();
        }
        assertThat(warnings).isEmpty();
    }

    /** Where no collector is named, the launcher's class path has nothing of OpenTelemetry. */
    @Test
    void nothingOfOpenTelemetryIsNeededWhileTheyAreOff() throws Exception {
        // Given
        ClassLoader without = new WithoutOpenTelemetry();
        Class<?> traces = without.loadClass(Traces.class.getName());
        Class<?> work = without.loadClass(Traces.Work.class.getName());
        Object forty = Proxy.newProxyInstance(without, new Class<?>[] {work}, (_, _, _) -> 40);
        Consumer<String> none = warning -> {
            throw new AssertionError(warning);
        };

        // When, Then
        Object session = traces.getMethod("begin", Map.class, Consumer.class).invoke(null, Map.of(), none);
        assertThat(traces.getMethod("span", String.class, Map.class, work).invoke(null, "name", Map.of(), forty))
                .isEqualTo(40);
        assertThat(traces.getMethod("interceptor").invoke(null)).isEqualTo(Optional.empty());
        without.loadClass(Traces.Session.class.getName()).getMethod("close").invoke(session);

        // And it would be while they are on: this test could fail
        assertThatExceptionOfType(InvocationTargetException.class)
                .isThrownBy(() ->
                        traces.getMethod("begin", Map.class, Consumer.class).invoke(null, ON, none))
                .withCauseInstanceOf(NoClassDefFoundError.class);
    }

    /** Defines the package once more, as on a class path that has none of the library. */
    private static final class WithoutOpenTelemetry extends ClassLoader {

        WithoutOpenTelemetry() {
            super(TracesTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("io.opentelemetry.")) {
                throw new ClassNotFoundException(name);
            }
            if (!name.startsWith(Traces.class.getPackageName() + ".")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? define(name) : loaded;
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            try (@Nullable InputStream file = getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (file == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] bytes = file.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException failed) {
                throw new ClassNotFoundException(name, failed);
            }
        }
    }
}
