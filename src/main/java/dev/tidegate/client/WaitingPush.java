package dev.tidegate.client;

import dev.tidegate.content.Digest;

/**
 * A push that was published into a cut that has not ended.
 *
 * @param push its id
 * @param root of its layer
 * @param cut the cut's id
 */
public record WaitingPush(String push, Digest root, String cut) {}
