package io.carechat.domain.keys;

/**
 * A key as it is stored.
 *
 * @param key the key
 * @param hash of its secret, as {@link KeyHash} makes it
 */
public record StoredKey(ApiKey key, String hash) {}
