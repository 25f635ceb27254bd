/** What a user has set for the commands that talk to gateways: the contexts of {@code config.toml}. */
@NullMarked
package dev.tidegate.config;

import org.jspecify.annotations.NullMarked;
