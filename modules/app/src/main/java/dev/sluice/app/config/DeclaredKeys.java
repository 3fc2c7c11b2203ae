package dev.sluice.app.config;

import io.smallrye.config.WithDefault;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The keys of a configuration interface, with {@code *} for the keys of a map. */
final class DeclaredKeys {
    private DeclaredKeys() {}

    static Set<String> of(Class<?> config) {
        Set<String> keys = new TreeSet<>();
        collect(config, "", keys);
        return keys;
    }

    /** The defaults of the keys that have one, without those of lists and maps. */
    static Map<String, String> defaults(Class<?> config) {
        Map<String, String> defaults = new TreeMap<>();
        collectDefaults(config, "", defaults);
        return defaults;
    }

    private static void collectDefaults(
            Class<?> section, String prefix, Map<String, String> defaults) {
        for (Method key : section.getDeclaredMethods()) {
            String name = prefix + kebab(key.getName());
            WithDefault value = key.getAnnotation(WithDefault.class);
            if (value != null) {
                defaults.put(name, value.value());
            } else if (key.getGenericReturnType() instanceof Class<?> nested
                    && nested.isInterface()
                    && nested.getEnclosingClass() != null) {
                collectDefaults(nested, name + ".", defaults);
            }
        }
    }

    private static void collect(Class<?> section, String prefix, Set<String> keys) {
        for (Method key : section.getDeclaredMethods()) {
            String name = prefix + kebab(key.getName());
            Type type = key.getGenericReturnType();
            if (type instanceof ParameterizedType parameterized
                    && parameterized.getRawType() == Map.class) {
                nested(parameterized.getActualTypeArguments()[1], name + ".*", keys);
            } else if (type instanceof ParameterizedType parameterized
                    && parameterized.getRawType() == List.class) {
                nested(parameterized.getActualTypeArguments()[0], name + "[*]", keys);
            } else {
                nested(type, name, keys);
            }
        }
    }

    private static void nested(Type type, String name, Set<String> keys) {
        if (type instanceof Class<?> section
                && section.isInterface()
                && section.getEnclosingClass() != null) {
            collect(section, name + ".", keys);
        } else {
            keys.add(name);
        }
    }

    private static String kebab(String camel) {
        List<String> words = new ArrayList<>(List.of(camel.split("(?=[A-Z])", -1)));
        return String.join("-", words).toLowerCase(java.util.Locale.ROOT);
    }
}
