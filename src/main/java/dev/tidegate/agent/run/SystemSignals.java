package dev.tidegate.agent.run;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * The signals of this process through {@code sun.misc.Signal}, the only way that Java has. By reflection, for the compiler
 * warns about that class and lets nobody say that it is known; registered for native executables in {@code
 * META-INF/native-image}.
 */
final class SystemSignals {

    private final Class<?> signal;
    private final Class<?> handler;
    private final Method handle;

    SystemSignals() {
        try {
            signal = Class.forName("sun.misc.Signal");
            handler = Class.forName("sun.misc.SignalHandler");
            handle = signal.getMethod("handle", signal, handler);
        } catch (ReflectiveOperationException unlike) {
            throw unlike(unlike);
        }
    }

    /**
     * Has a signal handled, and returns what did so before, for {@link #restore}.
     *
     * @param name such as {@code TERM}
     * @throws IllegalArgumentException if the system or the Java virtual machine keeps it for itself
     */
    Object take(String name, Consumer<String> taker) {
        Object proxy = Proxy.newProxyInstance(
                SystemSignals.class.getClassLoader(), new Class<?>[] {handler}, (self, method, arguments) -> {
                    switch (method.getName()) {
                        case "handle" -> taker.accept(name);
                        case "hashCode" -> {
                            return name.hashCode();
                        }
                        case "equals" -> {
                            return arguments != null && self == arguments[0];
                        }
                        default -> {
                            return name;
                        }
                    }
                    return null;
                });
        return set(name, proxy);
    }

    /** Has a signal handled as it was. */
    void restore(String name, Object before) {
        set(name, before);
    }

    /** Whether a signal was ignored, as nohup(1) has it. */
    boolean wasIgnored(Object before) {
        try {
            return Objects.equals(handler.getField("SIG_IGN").get(null), before);
        } catch (ReflectiveOperationException unlike) {
            throw unlike(unlike);
        }
    }

    /** The number of a signal. */
    int number(String name) {
        try {
            return (int) signal.getMethod("getNumber").invoke(of(name));
        } catch (ReflectiveOperationException unlike) {
            throw unlike(unlike);
        }
    }

    private Object set(String name, Object how) {
        try {
            return handle.invoke(null, of(name), how);
        } catch (InvocationTargetException thrown) {
            if (thrown.getCause() instanceof IllegalArgumentException kept) {
                throw kept;
            }
            throw unlike(thrown);
        } catch (ReflectiveOperationException unlike) {
            throw unlike(unlike);
        }
    }

    private Object of(String name) throws ReflectiveOperationException {
        try {
            return signal.getConstructor(String.class).newInstance(name);
        } catch (InvocationTargetException thrown) {
            if (thrown.getCause() instanceof IllegalArgumentException unknown) {
                throw unknown;
            }
            throw thrown;
        }
    }

    private static IllegalStateException unlike(ReflectiveOperationException failure) {
        return new IllegalStateException("this Java platform is unlike others: it has no signals", failure);
    }
}
