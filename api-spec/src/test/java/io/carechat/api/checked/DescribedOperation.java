package io.carechat.api.checked;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An operation as a document describes it.
 *
 * @param method in capitals
 * @param route its path, with the names of its parameters in braces
 * @param pointer where it is in its document
 * @param parameters its own and its path's
 * @param statuses what it may answer, as the document writes it: {@code 200}, {@code 4XX}
 * @param scope what its description says that it needs, the first if there are several
 * @param secured whether it needs a credential
 */
public record DescribedOperation(
    String id,
    String method,
    String route,
    String pointer,
    List<Parameter> parameters,
    Optional<Body> body,
    Set<String> statuses,
    Optional<String> scope,
    boolean secured) {

  /** Takes copies of what it is given. */
  public DescribedOperation {
    parameters = List.copyOf(parameters);
    statuses = Set.copyOf(statuses);
  }

  /**
   * A parameter.
   *
   * @param in {@code path}, {@code query} or {@code header}
   * @param schemaAt where its schema is in its document
   * @param schema its schema, with what it refers to in its place
   * @param example a value that it may have, empty if the document has none
   */
  public record Parameter(
      String name, String in, boolean required, String schemaAt, JsonNode schema, String example) {}

  /**
   * What it takes.
   *
   * @param mediaType the first that is described
   * @param schemaAt where its schema is in its document
   * @param schema its schema, with what it refers to in its place
   * @param examples at least one
   * @param maxBytes how long it may be
   */
  public record Body(
      String mediaType,
      boolean required,
      String schemaAt,
      JsonNode schema,
      List<JsonNode> examples,
      int maxBytes) {

    /** Takes a copy of the examples. */
    public Body {
      examples = List.copyOf(examples);
    }
  }

  @Override
  public String toString() {
    return id;
  }
}
