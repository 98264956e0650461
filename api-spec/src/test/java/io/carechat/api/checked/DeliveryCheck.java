package io.carechat.api.checked;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.carechat.api.runtime.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Holds what a webhook receiver got against the contract of webhooks. */
public final class DeliveryCheck {
  private static final Document RECEIVED = Document.received();

  /** What is written down for an operation of a receiver that was called as it is described. */
  static final String DELIVERED = "delivered";

  private DeliveryCheck() {}

  /**
   * Checks a call in the form of the source document, and writes down that there was one.
   *
   * @param headers names in any case
   * @throws AssertionError with everything that is missing, wrong or not described
   */
  public static void check(String method, Map<String, List<String>> headers, byte[] body) {
    checkAs("receiveMessage", method, headers, body);
  }

  /**
   * As the other, in the form that an operation receives.
   *
   * @param operationId which one, because all have the one address of an endpoint
   */
  public static void checkAs(
      String operationId, String method, Map<String, List<String>> headers, byte[] body) {
    Map<String, List<String>> anyCase = Exchange.anyCase(headers);
    DescribedOperation operation =
        RECEIVED.operations().stream()
            .filter(each -> each.id().equals(operationId))
            .filter(each -> each.method().equals(method))
            .findFirst()
            .orElseThrow(() ->
                new AssertionError("No webhook " + operationId + " is described as a " + method));
    List<String> faults = new ArrayList<>();
    for (DescribedOperation.Parameter parameter : operation.parameters()) {
      header(parameter, anyCase.getOrDefault(parameter.name(), List.of()), faults);
    }
    credential(operation, anyCase, faults);
    operation
        .body()
        .ifPresent(described -> {
          List<String> types = anyCase.getOrDefault("Content-Type", List.of());
          if (types.size() != 1
              || !types.getFirst().replaceFirst(";.*", "").equals(described.mediaType())) {
            faults.add("the media type is " + types);
          }
          JsonNode json = Json.read(body);
          faults.addAll(RECEIVED.faults(described.schemaAt(), json));
          RECEIVED
              .undescribed(described.schemaAt(), json)
              .forEach(member -> faults.add("the member " + member + " is not described"));
        });
    if (!faults.isEmpty()) {
      throw new AssertionError(
          "Not as the contract of webhooks describes it:\n- " + String.join("\n- ", faults));
    }
    Exercised.note(operation.id(), DELIVERED);
  }

  /** Both values of the partner's; or neither, where the contract lets an endpoint be without. */
  private static void credential(
      DescribedOperation operation, Map<String, List<String>> headers, List<String> faults) {
    List<String> names =
        RECEIVED
            .node("/components/securitySchemes")
            .valueStream()
            .map(scheme -> scheme.path("name").asText())
            .toList();
    boolean optional =
        RECEIVED.node(operation.pointer() + "/security").valueStream().anyMatch(JsonNode::isEmpty);
    if (optional && names.stream().noneMatch(headers::containsKey)) {
      return;
    }
    for (String name : names) {
      if (headers.getOrDefault(name, List.of()).size() != 1) {
        faults.add("there must be one " + name);
      }
    }
  }

  private static void header(
      DescribedOperation.Parameter parameter, List<String> values, List<String> faults) {
    if (values.size() != 1) {
      if (parameter.required() || !values.isEmpty()) {
        faults.add(parameter.name() + " is there " + values.size() + " times");
      }
      return;
    }
    String value = values.getFirst();
    boolean number = parameter.schema().path("type").asText().equals("integer");
    if (number && !value.matches("[0-9]{1,18}")) {
      faults.add(parameter.name() + " is not a whole number");
      return;
    }
    RECEIVED
        .faults(
            parameter.schemaAt(),
            number ? LongNode.valueOf(Long.parseLong(value)) : TextNode.valueOf(value))
        .forEach(fault -> faults.add(parameter.name() + ": " + fault));
  }
}
