@NullMarked
package io.carechat.rest.http;

import org.jspecify.annotations.NullMarked;
