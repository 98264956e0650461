/**
 * An Elasticsearch plugin for the one route that clients need and the bare core lacks: the root.
 */
@NullMarked
package io.carechat.local.node.info;

import org.jspecify.annotations.NullMarked;
