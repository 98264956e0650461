/** Tests of API keys, bearer tokens and OpenID providers. */
@NullMarked
package io.carechat.bootstrap.identity;

import org.jspecify.annotations.NullMarked;
