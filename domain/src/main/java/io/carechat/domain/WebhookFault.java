package io.carechat.domain;

/**
 * What is wrong with an endpoint that somebody wants.
 *
 * @param member which part of it
 * @param rule what would be right, to be read after the member's name; repeats no secret
 */
public record WebhookFault(String member, String rule) {}
