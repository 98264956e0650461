/**
 * What is exchanged in tests, held against the contract and written down, so that the end of the
 * build can tell what the contract describes and no test ever saw. For the tests of every module.
 */
@NullMarked
package io.carechat.api.checked;

import org.jspecify.annotations.NullMarked;
