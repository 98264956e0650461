/** The search index in Elasticsearch. It proposes the messages that a search may find. */
@NullMarked
package io.carechat.search;

import org.jspecify.annotations.NullMarked;
