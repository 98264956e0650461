package io.carechat.domain.keys;

import java.time.Duration;

/**
 * A break-glass key that a caller wants to create. Nothing has been checked yet but the length of
 * the reason.
 *
 * @param reason why it is needed, up to {@link KeyManagement#MAX_REASON} characters
 * @param lifetime how long it is valid, up to {@link KeyManagement#MAX_BREAK_GLASS_LIFETIME}
 */
public record NewBreakGlassKey(String reason, Duration lifetime) {}
