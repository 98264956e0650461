package io.carechat.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.carechat.api.BreakingChanges.Served;
import java.util.ArrayList;
import java.util.List;
import org.openapitools.openapidiff.core.OpenApiCompare;
import org.openapitools.openapidiff.core.model.ChangedOpenApi;

/**
 * openapi-diff, as a second opinion beside {@link BreakingChanges}. It does not see everything that
 * the other does: the table of changes says what.
 */
final class Differ {

  private Differ() {}

  /**
   * The operations that a successor breaks. openapi-diff judges for the clients of an API. Of a
   * document that partners serve, we are the client: there the question is whether a receiver of
   * the released document bears us as the successor describes us, and so the two change places.
   */
  static List<String> between(JsonNode released, JsonNode next, Served served) {
    ChangedOpenApi changes =
        served == Served.BY_US
            ? OpenApiCompare.fromContents(released.toString(), next.toString())
            : OpenApiCompare.fromContents(next.toString(), released.toString());
    List<String> found = new ArrayList<>();
    (served == Served.BY_US ? changes.getMissingEndpoints() : changes.getNewEndpoints())
        .forEach(each -> found.add(each.getMethod() + " " + each.getPathUrl()));
    changes.getChangedOperations().stream()
        .filter(each -> each.isIncompatible())
        .forEach(each -> found.add(each.getHttpMethod() + " " + each.getPathUrl()));
    return found;
  }
}
