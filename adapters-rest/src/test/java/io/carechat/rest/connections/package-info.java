@NullMarked
package io.carechat.rest.connections;

import org.jspecify.annotations.NullMarked;
