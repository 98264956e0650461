package io.carechat.api.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The parameters and the body of a request that satisfies the contract. The generated code makes
 * typed requests of them.
 */
public final class Arguments {

  private final Map<String, JsonNode> parameters;
  private final @Nullable JsonNode body;

  Arguments(Map<String, JsonNode> parameters, @Nullable JsonNode body) {
    this.parameters = parameters;
    this.body = body;
  }

  /**
   * Returns a parameter that the contract requires.
   *
   * @throws IllegalStateException if there is no such parameter, because the contract does not
   *     require it
   */
  public <T> T required(String name, Class<T> type) {
    T value = optional(name, type);
    if (value == null) {
      throw new IllegalStateException("the contract does not require " + name);
    }
    return value;
  }

  /**
   * Returns a parameter, or null if the caller gave none. Defaults of the contract are not filled
   * in.
   */
  public <T> @Nullable T optional(String name, Class<T> type) {
    JsonNode value = parameters.get(name);
    if (value == null) {
      return null;
    }
    if (type == String.class) {
      return type.cast(value.textValue());
    }
    if (type == UUID.class) {
      return type.cast(UUID.fromString(value.textValue()));
    }
    return Json.bind(value, type);
  }

  /**
   * Returns the body that the contract requires.
   *
   * @throws IllegalStateException if there is no body, because the contract does not require one
   */
  public <T> T requiredBody(Class<T> type) {
    if (body == null) {
      throw new IllegalStateException("the contract does not require a body");
    }
    return Json.bind(body, type);
  }
}
