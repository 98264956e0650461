package io.carechat.contracttests.pacts;

import au.com.dius.pact.core.matchers.BodyTypeMismatch;
import au.com.dius.pact.core.model.DefaultPactReader;
import au.com.dius.pact.core.model.Interaction;
import au.com.dius.pact.core.model.OptionalBody;
import au.com.dius.pact.core.model.Pact;
import au.com.dius.pact.core.model.ProviderState;
import au.com.dius.pact.core.model.SynchronousRequestResponse;
import au.com.dius.pact.core.model.V4Interaction;
import au.com.dius.pact.core.model.messaging.MessageInteraction;
import au.com.dius.pact.provider.BodyComparisonResult;
import au.com.dius.pact.provider.ComparisonResult;
import au.com.dius.pact.provider.ProviderResponse;
import au.com.dius.pact.provider.ResponseComparison;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.carechat.contracttests.running.RunningService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import kotlin.Pair;

/**
 * Verifies pacts of version 2, 3 or 4 against the contract, and then against the running service.
 */
final class PactVerification {
  private final RunningService service;
  private final ContractCheck contract = new ContractCheck();

  PactVerification(RunningService service) {
    this.service = service;
  }

  /**
   * The pacts in a folder (its {@code .json} files, by name), in one file, or at an {@code http(s)}
   * address of one pact; none if there is none.
   */
  static List<Pact> load(String place) throws IOException {
    if (place.startsWith("http://") || place.startsWith("https://")) {
      return List.of(DefaultPactReader.INSTANCE.loadPact(place));
    }
    Path path = Path.of(place);
    if (Files.isRegularFile(path)) {
      return List.of(DefaultPactReader.INSTANCE.loadPact(path.toFile()));
    }
    if (!Files.isDirectory(path)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(path)) {
      return files
          .filter(file -> file.toString().endsWith(".json"))
          .sorted()
          .map(file -> DefaultPactReader.INSTANCE.loadPact(file.toFile()))
          .toList();
    }
  }

  /**
   * What each interaction of a pact came to, in the order of the pact.
   *
   * @param pending whether all of them are pending, beside those that say so themselves
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
    var states = new ChatStates(service);
    var values = new HashMap<String, Object>();
    try {
      if (interaction instanceof SynchronousRequestResponse http) {
        differences.addAll(contract.faults(http.getRequest(), http.getResponse()));
      }
      for (ProviderState state : interaction.getProviderStates()) {
        values.putAll(states.setUp(String.valueOf(state.getName()), state.getParams()));
      }
      switch (interaction) {
        case SynchronousRequestResponse http ->
            add(differences, answer(pact, http, states, Map.of("providerState", values)));
        case MessageInteraction message -> add(differences, delivery(message, states));
        default -> differences.add("is neither a request nor a message");
      }
    } catch (RuntimeException e) {
      // Whatever is wrong with one interaction, the author wants to hear of the others too.
      differences.add(String.valueOf(e.getMessage()));
    }
    return differences;
  }

  private ComparisonResult answer(
      Pact pact,
      SynchronousRequestResponse interaction,
      ChatStates states,
      Map<String, Object> context) {
    var target = new CredentialTarget(service, states::credential);
    Pair<Object, Object> prepared =
        Objects.requireNonNull(
            target.prepareRequest(pact, (Interaction) interaction, new HashMap<>(context)));
    ProviderResponse answer = target.executeInteraction(prepared.getSecond(), prepared.getFirst());
    return ResponseComparison.Companion.compareResponse(pact, interaction, answer, Map.of());
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
      differences.add("body: " + type.getMismatch());
    }
  }
}
