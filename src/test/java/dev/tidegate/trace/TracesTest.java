package dev.tidegate.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Where no collector is named, the launcher's class path has nothing of OpenTelemetry. */
final class TracesTest {

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
        Map<String, String> on = Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318");
        assertThatExceptionOfType(InvocationTargetException.class)
                .isThrownBy(() ->
                        traces.getMethod("begin", Map.class, Consumer.class).invoke(null, on, none))
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
