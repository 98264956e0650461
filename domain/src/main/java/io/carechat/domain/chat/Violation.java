package io.carechat.domain.chat;

/**
 * One thing in a request that breaks a rule of the domain.
 *
 * @param member the contract's name of the part that is wrong: a parameter, or a member of the body
 * @param rule what would be right, to be read after the member's name: "must have 1 to 500
 *     characters". It repeats nothing that the caller wrote
 */
public record Violation(String member, String rule) {}
