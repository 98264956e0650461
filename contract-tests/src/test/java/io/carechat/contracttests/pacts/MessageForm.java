package io.carechat.contracttests.pacts;

import au.com.dius.pact.core.model.OptionalBody;
import au.com.dius.pact.core.model.ProviderState;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.carechat.domain.webhooks.WebhookPayload;
import java.util.Arrays;
import java.util.List;

/** Which of the three forms of a webhook a pact's message has. */
final class MessageForm {
  /** The parameter of a provider state that says so. */
  static final String PARAMETER = "payload";

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private MessageForm() {}

  /**
   * What the provider state says. Where it says nothing: {@code STANDARD} for a body with a {@code
   * type}, otherwise {@code SOURCE}. A body alone never tells that it is {@code THIN}: whatever
   * that form has, {@code STANDARD} has too.
   *
   * @throws IllegalArgumentException if the state names a form that there is not
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
      // The comparison with what is delivered tells that it is not JSON.
      return false;
    }
  }
}
