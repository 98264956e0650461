/**
 * Who calls: checks API keys and bearer tokens, and lets people sign in at OpenID providers. It
 * knows nothing of the configuration's file, and takes what it needs as plain records.
 */
@NullMarked
package io.carechat.bootstrap.identity;

import org.jspecify.annotations.NullMarked;
