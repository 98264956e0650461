package io.carechat.contracttests.faults;

import io.carechat.domain.chat.TenantInstance;
import java.util.UUID;

/**
 * A chat that clients write to.
 *
 * @param apiKey the API key of its instance
 */
record Chat(TenantInstance instance, String apiKey, UUID patient) {
  /** The path of its messages, below a node's address. */
  String path() {
    return "/api/v1/" + instance + "/patients/" + patient + "/messages";
  }
}
