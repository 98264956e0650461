/**
 * An Elasticsearch plugin for the root path, the only route that clients need and that
 * Elasticsearch's core lacks.
 */
@NullMarked
package io.carechat.local.node.info;

import org.jspecify.annotations.NullMarked;
