package io.carechat.rest.events;

import com.fasterxml.jackson.databind.JsonNode;
import io.carechat.api.checked.ExchangeCheck;
import io.carechat.api.runtime.Json;
import io.carechat.rest.http.Described;
import io.carechat.rest.http.Received;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Reads a stream of server-sent events as it comes. What it waits for must come within twenty
 * seconds.
 */
public final class StreamClient implements AutoCloseable {
  private static final long TIMEOUT_SECONDS = 60;

  private final InputStream body;
  private final BlockingQueue<Block> blocks = new LinkedBlockingQueue<>();

  /**
   * What stands between two empty lines.
   *
   * @param text all of it
   * @param id the field of this name; empty if there is none, and so the others
   */
  public record Block(String text, String id, String event, String data) {
    static final Block END = new Block("(the end)", "", "", "");

    boolean isComment() {
      return text.startsWith(":");
    }

    JsonNode json() {
      JsonNode json = Json.read(data.getBytes(StandardCharsets.UTF_8));
      ExchangeCheck.checkSchema("Event", json);
      return json;
    }
  }

  /** Opens a stream; fails if the answer is not one that the contract describes, or no stream. */
  public StreamClient(HttpClient client, HttpRequest request) {
    HttpResponse<InputStream> response;
    try {
      response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw new AssertionError("no answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
    body = response.body();
    Described.check(
        "GET",
        request.uri().getRawPath(),
        new Received(response.statusCode(), response.headers().map(), new byte[0]));
    if (response.statusCode() != 200) {
      throw new AssertionError("no stream but " + response.statusCode());
    }
    Thread.ofVirtual().start(this::read);
  }

  private void read() {
    try (var lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
      var text = new StringBuilder();
      String id = "";
      String event = "";
      String data = "";
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.isEmpty()) {
          blocks.add(new Block(text.toString(), id, event, data));
          text.setLength(0);
          id = "";
          event = "";
          data = "";
          continue;
        }
        text.append(line).append('\n');
        String[] field = line.split(": ?", 2);
        switch (field[0]) {
          case "id" -> id = field[1];
          case "event" -> event = field[1];
          case "data" -> data += field[1];
          default -> {}
        }
      }
    } catch (IOException e) {
      // Closed, by either side.
    }
    blocks.add(Block.END);
  }

  /** What comes next, comments too; {@link Block#END} at the end. */
  public Block next() {
    try {
      Block next = blocks.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("nothing comes");
      }
      return next;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** The next event. */
  public Block event() {
    Block next = next();
    while (next.isComment()) {
      next = next();
    }
    return next;
  }

  @Override
  public void close() throws IOException {
    body.close();
  }
}
