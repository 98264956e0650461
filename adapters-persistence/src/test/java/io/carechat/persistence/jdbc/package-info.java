@NullMarked
package io.carechat.persistence.jdbc;

import org.jspecify.annotations.NullMarked;
