/**
 * The program that runs one Elasticsearch node. Local runs and tests start it as a separate
 * process.
 */
@NullMarked
package io.carechat.local.node;

import org.jspecify.annotations.NullMarked;
