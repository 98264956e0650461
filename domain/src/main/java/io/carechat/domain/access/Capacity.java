package io.carechat.domain.access;

/**
 * How much of something that is limited is in use at a moment.
 *
 * @param name what it is, in small letters with hyphens, such as {@code connections}
 * @param used how much of it is in use, 0 or more
 * @param limit how much there is at most, 1 or more
 * @param waiting how many wait for it, 0 or more
 */
public record Capacity(String name, long used, long limit, long waiting) {}
