package io.carechat.scenario;

import static io.carechat.scenario.Checks.setting;

import io.carechat.client.ApiClient;
import java.net.http.HttpRequest;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * The partner that takes the steps, with its API key.
 *
 * @param client a client that sends the key
 */
record Partner(String tenant, String instance, ApiClient client) {

  /** The partner of data/demo.env. */
  static Partner ofSettings() {
    return new Partner(
        setting("CARECHAT_TENANT"), setting("CARECHAT_INSTANCE"), client(request -> {}));
  }

  /** A client with the partner's key that also changes each request. */
  static ApiClient client(Consumer<HttpRequest.Builder> more) {
    return client(
        setting("CARECHAT_URL"),
        request -> more.accept(request.setHeader("X-API-KEY", setting("CARECHAT_API_KEY"))));
  }

  /** A client of the service at an address, with a credential. */
  static ApiClient client(String url, Consumer<HttpRequest.Builder> credential) {
    ApiClient client = new ApiClient();
    client.updateBaseUri(url);
    client.setRequestInterceptor(credential);
    return client;
  }

  /** A patient whose chat nobody else writes to. */
  static UUID newPatient() {
    return UUID.randomUUID();
  }
}
