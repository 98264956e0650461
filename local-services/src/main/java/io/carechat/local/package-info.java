/**
 * Starts the PostgreSQL and the Elasticsearch that local runs and tests use, as processes that
 * never outlive the JVM that started them, on data that do.
 */
@NullMarked
package io.carechat.local;

import org.jspecify.annotations.NullMarked;
