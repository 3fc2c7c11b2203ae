package dev.sluice.app.config;

import io.smallrye.config.WithDefault;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The keys of a configuration interface, with {@code *} for the keys of a map. */
final class DeclaredKeys {
    private DeclaredKeys() {}

    static Set<String> of(Class<?> config) {
        return methods(config).keySet();
    }

    /** The method that declares each key. */
    static Map<String, Method> methods(Class<?> config) {
        Map<String, Method> keys = new TreeMap<>();
        collect(config, "", keys);
        return keys;
    }

    /** The defaults of the keys that have one, without those of lists and maps. */
    static Map<String, String> defaults(Class<?> config) {
        Map<String, String> defaults = new TreeMap<>();
        methods(config)
                .forEach((key, method) -> {
                    WithDefault value = method.getAnnotation(WithDefault.class);
                    if (value != null && !key.contains("*")) {
                        defaults.put(key, value.value());
                    }
                });
        return defaults;
    }

    private static void collect(Class<?> section, String prefix, Map<String, Method> keys) {
        for (Method key : section.getDeclaredMethods()) {
            String name = prefix + kebab(key.getName());
            Type type = key.getGenericReturnType();
            if (type instanceof ParameterizedType parameterized
                    && parameterized.getRawType() == Map.class) {
                nested(parameterized.getActualTypeArguments()[1], name + ".*", key, keys);
            } else if (type instanceof ParameterizedType parameterized
                    && parameterized.getRawType() == List.class) {
                nested(parameterized.getActualTypeArguments()[0], name + "[*]", key, keys);
            } else {
                nested(type, name, key, keys);
            }
        }
    }

    private static void nested(Type type, String name, Method key, Map<String, Method> keys) {
        if (type instanceof Class<?> section
                && section.isInterface()
                && section.getEnclosingClass() != null) {
            collect(section, name + ".", keys);
        } else {
            keys.put(name, key);
        }
    }

    private static String kebab(String camel) {
        return String.join("-", List.of(camel.split("(?=[A-Z])", -1))).toLowerCase(Locale.ROOT);
    }
}
