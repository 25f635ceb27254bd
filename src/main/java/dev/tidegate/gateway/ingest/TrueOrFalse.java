package dev.tidegate.gateway.ingest;

import io.quarkus.runtime.annotations.RegisterForReflection;
import org.eclipse.microprofile.config.spi.Converter;

/** Where the usual converter takes whatever it does not know for false. */
@RegisterForReflection
public final class TrueOrFalse implements Converter<Boolean> {

    private static final long serialVersionUID = 1L;

    /** Called by the configuration. */
    public TrueOrFalse() {}

    @Override
    public Boolean convert(String value) {
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("Expected true or false, got \"" + value + "\"");
        };
    }
}
