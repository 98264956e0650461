package io.carechat.contracttests.pacts;

import static java.nio.charset.StandardCharsets.UTF_8;

import au.com.dius.pact.core.matchers.BodyTypeMismatch;
import au.com.dius.pact.core.matchers.generators.DefaultResponseGenerator;
import au.com.dius.pact.core.model.IRequest;
import au.com.dius.pact.core.model.IResponse;
import au.com.dius.pact.core.model.Interaction;
import au.com.dius.pact.core.model.OptionalBody;
import au.com.dius.pact.core.model.Pact;
import au.com.dius.pact.core.model.ProviderState;
import au.com.dius.pact.core.model.SynchronousRequestResponse;
import au.com.dius.pact.core.model.V4Interaction;
import au.com.dius.pact.core.model.generators.GeneratorTestMode;
import au.com.dius.pact.core.model.messaging.MessageInteraction;
import au.com.dius.pact.provider.BodyComparisonResult;
import au.com.dius.pact.provider.ComparisonResult;
import au.com.dius.pact.provider.ProviderResponse;
import au.com.dius.pact.provider.ResponseComparison;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.carechat.contracttests.running.RunningService;
import io.carechat.domain.webhooks.WebhookPayload;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kotlin.Pair;

/**
 * Verifies pacts of version 2, 3 or 4 against the contract, and then against the running service.
 */
final class PactVerification {
  private static final Pattern PATIENT =
      Pattern.compile("/patients/([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})(?:/|$)");

  private final RunningService service;
  private final ContractCheck contract = new ContractCheck();

  PactVerification(RunningService service) {
    this.service = service;
  }

  /**
   * Verifies each interaction of a pact. The outcomes are in the order of the pact.
   *
   * @param pending whether all interactions are pending, in addition to those that say so
   *     themselves
   */
  List<Outcome> verify(Pact pact, boolean pending) {
    return pact.getInteractions().stream()
        .map(interaction ->
            new Outcome(
                pact.getConsumer().getName(),
                interaction.getDescription(),
                pending || (interaction instanceof V4Interaction v4 && v4.getPending()),
                differences(pact, interaction)))
        .toList();
  }

  private List<String> differences(Pact pact, Interaction interaction) {
    var differences = new ArrayList<String>();
    var values = new HashMap<String, Object>();
    try (var states = new ChatStates(service)) {
      differences.addAll(
          switch (interaction) {
            case SynchronousRequestResponse http ->
                contract.faults(http.getRequest(), http.getResponse());
            case MessageInteraction message -> {
              WebhookPayload payload =
                  MessageForm.of(interaction.getProviderStates(), message.getMessageContents());
              states.deliverAs(payload);
              yield contract.faults(message, payload);
            }
            default -> List.<String>of();
          });
      for (ProviderState state : interaction.getProviderStates()) {
        values.putAll(states.setUp(String.valueOf(state.getName()), state.getParams()));
      }
      switch (interaction) {
        case SynchronousRequestResponse http ->
            add(differences, answer(pact, http, states, Map.of("providerState", values)));
        case MessageInteraction message -> add(differences, delivery(message, states));
        default ->
            differences.add(
                "is neither a request with an answer nor a message, which is all that there is");
      }
    } catch (RuntimeException e) {
      // Whatever is wrong with one interaction, the author wants to see the others, too.
      differences.add(String.valueOf(e.getMessage()));
    }
    return differences;
  }

  private ComparisonResult answer(
      Pact pact,
      SynchronousRequestResponse interaction,
      ChatStates states,
      Map<String, Object> context) {
    replacePatient(interaction, states.patient().toString());
    var target = new CredentialTarget(service, states::credential);
    Pair<Object, Object> prepared =
        Objects.requireNonNull(
            target.prepareRequest(pact, (Interaction) interaction, new HashMap<>(context)));
    ProviderResponse answer = target.executeInteraction(prepared.getSecond(), prepared.getFirst());
    fillIn(interaction.getResponse(), context);
    return ResponseComparison.Companion.compareResponse(pact, interaction, answer, Map.of());
  }

  /**
   * Replaces the patient in the path, which is only an example. Interactions with the same example
   * must not see each other's messages. Not every library can take the patient from the provider
   * state.
   */
  private static void replacePatient(SynchronousRequestResponse interaction, String patient) {
    IRequest request = interaction.getRequest();
    Matcher path = PATIENT.matcher(request.getPath());
    if (!path.find()) {
      return;
    }
    String example = path.group(1);
    request.setPath(request.getPath().replace(example, patient));
    IResponse response = interaction.getResponse();
    if (response.getBody().isPresent()) {
      response.setBody(
          OptionalBody.body(
              response.getBody().valueAsString().replace(example, patient).getBytes(UTF_8),
              response.getBody().getContentType()));
    }
    response
        .getHeaders()
        .replaceAll(
            (name, values) -> values.stream().map(each -> each.replace(example, patient)).toList());
  }

  /** Replaces those examples for which the pact wants values of the provider state. */
  private static void fillIn(IResponse expected, Map<String, Object> context) {
    IResponse filled =
        DefaultResponseGenerator.INSTANCE.generateResponse(
            expected, new HashMap<>(context), GeneratorTestMode.Provider, List.of(), Map.of());
    expected.setBody(filled.getBody());
    expected.getHeaders().putAll(filled.getHeaders());
  }

  private static ComparisonResult delivery(MessageInteraction message, ChatStates states) {
    LoggedRequest call = states.delivered();
    var headers = new HashMap<String, Object>();
    call.getHeaders().all().forEach(header -> headers.put(header.key(), header.firstValue()));
    headers.put("contentType", call.getHeader("Content-Type"));
    return ResponseComparison.Companion.compareMessage(
        message, OptionalBody.body(call.getBody(), message.getContentType()), headers, Map.of());
  }

  private static void add(List<String> differences, ComparisonResult result) {
    if (result.getStatusMismatch() != null) {
      differences.add("status: " + result.getStatusMismatch().description());
    }
    result
        .getHeaderMismatches()
        .forEach((name, all) ->
            all.forEach(each -> differences.add("header " + name + ": " + each.getMismatch())));
    result
        .getMetadataMismatches()
        .forEach((name, all) ->
            all.forEach(each -> differences.add("metadata " + name + ": " + each.getMismatch())));
    BodyComparisonResult body = result.getBodyMismatches().get();
    if (body != null) {
      body.getMismatches()
          .forEach((path, all) ->
              all.forEach(each -> differences.add("body " + path + ": " + each.getMismatch())));
    }
    BodyTypeMismatch type = result.getBodyMismatches().errorValue();
    if (type != null) {
      differences.add(
          "Content-Type: Expected '"
              + type.getExpected()
              + "' but received '"
              + type.getActual()
              + "', so the bodies were not compared. (Without a Content-Type in the pact, "
              + "application/json is expected.)");
    }
  }
}
