package io.carechat.contracttests.pacts;

import au.com.dius.pact.core.model.OptionalBody;
import au.com.dius.pact.core.model.ProviderState;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.carechat.domain.webhooks.WebhookPayload;
import java.util.Arrays;
import java.util.List;

/** Finds out which of the three webhook forms a pact's message has. */
final class MessageForm {
  /** The parameter of a provider state that names the form. */
  static final String PARAMETER = "payload";

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private MessageForm() {}

  /**
   * Returns the form that the provider state names. If it names none, the form is {@code STANDARD}
   * for a body with a {@code type}, and {@code SOURCE} otherwise. A body alone never shows that it
   * is {@code THIN}, because {@code STANDARD} has all its members, too.
   *
   * @throws IllegalArgumentException if the state names a form that does not exist
   */
  static WebhookPayload of(List<ProviderState> states, OptionalBody body) {
    return states.stream()
        .filter(state -> state.getParams().containsKey(PARAMETER))
        .map(state -> named(String.valueOf(state.getParams().get(PARAMETER))))
        .findFirst()
        .orElseGet(() -> isEnvelope(body) ? WebhookPayload.STANDARD : WebhookPayload.SOURCE);
  }

  private static WebhookPayload named(String name) {
    return Arrays.stream(WebhookPayload.values())
        .filter(payload -> payload.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "The parameter 'payload' must be SOURCE, STANDARD or THIN, not '" + name + "'."));
  }

  private static boolean isEnvelope(OptionalBody body) {
    try {
      return MAPPER.readTree(body.valueAsString()).has("type");
    } catch (JsonProcessingException e) {
      // This is not JSON. The comparison with the delivery says so.
      return false;
    }
  }
}
