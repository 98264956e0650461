/** Tests against a real Elasticsearch, and against servers that only pretend to be one. */
@NullMarked
package io.carechat.search;

import org.jspecify.annotations.NullMarked;
