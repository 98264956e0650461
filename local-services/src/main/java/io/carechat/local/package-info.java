/**
 * Starts the PostgreSQL and the Elasticsearch for local runs and tests. They run as child processes
 * that end with the JVM that started them. Their data stay.
 */
@NullMarked
package io.carechat.local;

import org.jspecify.annotations.NullMarked;
