package io.carechat.rest.console;

import io.carechat.domain.chat.TenantInstance;
import java.util.List;
import java.util.function.Function;

/**
 * How the page for people is served.
 *
 * @param enabled whether it is served at all; otherwise its paths do not exist, and no cookie is a
 *     credential
 * @param frameOrigins the origins whose pages may show an instance's pages in a frame, in the form
 *     of {@link io.carechat.rest.http.CrossOrigin#isOrigin}
 */
public record ConsoleSettings(
    boolean enabled, Function<TenantInstance, List<String>> frameOrigins) {
  /** The page is served, and nobody may show it in a frame. */
  public static final ConsoleSettings DEFAULT = new ConsoleSettings(true, instance -> List.of());
}
