package dev.tidegate.gateway.observe;

/** What packs leave free. */
@FunctionalInterface
public interface SpaceConfig {

    /** In bytes. */
    long reserve();
}
