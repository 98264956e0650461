/**
 * What a partner does with carechat, in Java. It uses the generated client, and a webhook receiver
 * that is generated from {@code webhooks.yaml}. It is not part of any release.
 */
@NullMarked
package io.carechat.scenario;

import org.jspecify.annotations.NullMarked;
