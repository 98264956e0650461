/** Tests with real proxies, which {@code ./carechat proxies} runs. */
@NullMarked
package io.carechat.rest.proxies;

import org.jspecify.annotations.NullMarked;
