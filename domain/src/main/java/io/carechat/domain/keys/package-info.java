/** API keys: who may create, list and revoke them, and how they are kept. */
@NullMarked
package io.carechat.domain.keys;

import org.jspecify.annotations.NullMarked;
