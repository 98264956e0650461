@NullMarked
package io.carechat.rest.audit;

import org.jspecify.annotations.NullMarked;
