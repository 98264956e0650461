/** The page for people, in a real browser against the demonstration. */
@NullMarked
package io.carechat.browser;

import org.jspecify.annotations.NullMarked;
