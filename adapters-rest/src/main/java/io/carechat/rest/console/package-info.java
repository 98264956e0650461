/** The page for people: its files, and the sessions of those who use it. */
@NullMarked
package io.carechat.rest.console;

import org.jspecify.annotations.NullMarked;
