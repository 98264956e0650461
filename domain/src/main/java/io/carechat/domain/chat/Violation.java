package io.carechat.domain.chat;

/**
 * One part of a request that breaks a rule of the domain.
 *
 * @param member the contract's name of the invalid part: a parameter, or a member of the body
 * @param rule what would be valid, as the end of a sentence that begins with the member's name,
 *     such as "must have 1 to 500 characters". It never repeats anything that the caller wrote.
 */
public record Violation(String member, String rule) {}
