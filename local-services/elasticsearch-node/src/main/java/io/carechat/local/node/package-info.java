/**
 * The program around one Elasticsearch node that local runs and tests start as a process of its
 * own.
 */
@NullMarked
package io.carechat.local.node;

import org.jspecify.annotations.NullMarked;
