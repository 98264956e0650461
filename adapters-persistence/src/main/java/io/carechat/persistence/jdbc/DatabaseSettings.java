package io.carechat.persistence.jdbc;

import io.carechat.domain.chat.Secret;

/**
 * Where PostgreSQL is, and who connects to it.
 *
 * @param jdbcUrl {@code jdbc:postgresql://host:port/database}, with the driver's options
 * @param user the name of the role that logs in
 */
public record DatabaseSettings(String jdbcUrl, String user, Secret password) {}
