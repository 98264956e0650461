/**
 * What a partner does with carechat, in Java: with the generated client, and with a webhook
 * receiver generated from {@code webhooks.yaml}. Not part of any release.
 */
@NullMarked
package io.carechat.scenario;

import org.jspecify.annotations.NullMarked;
