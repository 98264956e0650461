/** Tests of the page for people, through real sockets. */
@NullMarked
package io.carechat.rest.console;

import org.jspecify.annotations.NullMarked;
