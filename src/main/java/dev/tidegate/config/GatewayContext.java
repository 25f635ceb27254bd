package dev.tidegate.config;

import dev.tidegate.client.Credentials;
import dev.tidegate.client.GatewayAddress;

/**
 * A gateway as a user has set it up.
 *
 * @param address where it listens
 * @param credentials as whom it is called
 */
public record GatewayContext(GatewayAddress address, Credentials credentials) {}
