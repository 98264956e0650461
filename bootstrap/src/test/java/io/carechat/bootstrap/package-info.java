/**
 * Tests of configuration, credentials and threads; the whole service is tested in contract-tests.
 */
@NullMarked
package io.carechat.bootstrap;

import org.jspecify.annotations.NullMarked;
