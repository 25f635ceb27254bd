package dev.tidegate.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import com.google.gson.annotations.SerializedName;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Kubernetes' own schemas, in the form of the classes that are generated from them. */
final class KubernetesSchema {

    private static final String MODELS = "io.kubernetes.client.openapi.models.";

    private KubernetesSchema() {}

    /**
     * What is wrong with an object: a field that is unknown, missing or of another type. The first fault only.
     *
     * @throws AssertionError if Kubernetes has no such kind of object
     */
    static Optional<String> fault(JsonNode object) {
        Class<?> model = model(object);
        try {
            model.getMethod("validateJsonElement", JsonElement.class)
                    .invoke(null, JsonParser.parseString(object.toString()));
            // Numbers and nested texts are checked by reading them.
            model.getMethod("fromJson", String.class).invoke(null, object.toString());
            return Optional.empty();
        } catch (InvocationTargetException e) {
            return Optional.of(String.valueOf(e.getCause()));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(model + " is no model of the Kubernetes client", e);
        }
    }

    /** The fields of a part of an object, such as a patch, that Kubernetes does not know, as paths. */
    static List<String> unknownFields(JsonNode part) {
        List<String> unknown = new ArrayList<>();
        collectUnknown("", part, model(part), unknown);
        return unknown;
    }

    private static Class<?> model(JsonNode object) {
        String version = object.path("apiVersion").asText().replaceFirst("^.*/", "");
        String name = version.substring(0, 1).toUpperCase(Locale.ROOT)
                + version.substring(1)
                + object.path("kind").asText();
        try {
            return Class.forName(MODELS + name);
        } catch (ClassNotFoundException e) {
            throw new AssertionError("Kubernetes has no " + name, e);
        }
    }

    private static void collectUnknown(String path, JsonNode value, Type type, List<String> unknown) {
        if (type instanceof ParameterizedType generic) {
            Type element = generic.getActualTypeArguments()[generic.getActualTypeArguments().length - 1];
            if (generic.getRawType() == Map.class) {
                value.properties()
                        .forEach(entry ->
                                collectUnknown(path + '.' + entry.getKey(), entry.getValue(), element, unknown));
            } else {
                value.forEach(each -> collectUnknown(path + "[]", each, element, unknown));
            }
        } else if (type instanceof Class<?> model && model.getName().startsWith(MODELS)) {
            value.properties().forEach(entry -> {
                String name = path + '.' + entry.getKey();
                @Nullable Type field = typeOf(model, entry.getKey());
                if (field == null) {
                    unknown.add(name);
                } else {
                    collectUnknown(name, entry.getValue(), field, unknown);
                }
            });
        }
    }

    private static @Nullable Type typeOf(Class<?> model, String name) {
        return Arrays.stream(model.getDeclaredFields())
                .filter(field -> {
                    @Nullable SerializedName serialized = field.getAnnotation(SerializedName.class);
                    return serialized != null && serialized.value().equals(name);
                })
                .map(Field::getGenericType)
                .findFirst()
                .orElse(null);
    }
}
