@NullMarked
package io.carechat.rest.records;

import org.jspecify.annotations.NullMarked;
