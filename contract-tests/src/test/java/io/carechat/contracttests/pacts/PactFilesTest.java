package io.carechat.contracttests.pacts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pacts are read, and their authors learn which ones cannot be read. */
final class PactFilesTest {
  @TempDir private Path folder;

  @Test
  void readsEveryPactOfAFolderByName() throws IOException {
    for (String name : new String[] {"partner-v4", "partner-v2", "receiver-v3", "partner-v3"}) {
      Files.write(folder.resolve(name + ".json"), fixture(name + ".json"));
    }
    Files.writeString(folder.resolve("notes.txt"), "no pact");

    assertThat(PactFiles.load(folder.toString()))
        .extracting(pact -> pact.getConsumer().getName())
        .containsExactly("partner-v2", "partner-v3", "partner-v4", "receiver-v3");
  }

  @Test
  void readsAnAddress() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          boolean found = exchange.getRequestURI().getPath().equals("/pact");
          byte[] body = found ? fixture("partner-v3.json") : "<ul><li>a.json</ul>".getBytes(UTF_8);
          exchange.sendResponseHeaders(
              exchange.getRequestURI().getPath().equals("/gone") ? 404 : 200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    try {
      String url = "http://127.0.0.1:" + server.getAddress().getPort();

      assertThat(PactFiles.load(url + "/pact"))
          .singleElement()
          .satisfies(pact -> assertThat(pact.getInteractions()).hasSize(2));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> PactFiles.load(url + "/gone"))
          .withMessage(url + "/gone answers 404.");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> PactFiles.load(url + "/folder/"))
          .withMessageStartingWith(url + "/folder/ is not JSON")
          .withMessageContaining("the address of one");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void tellsThatThereIsNothing() {
    Path missing = folder.resolve("missing");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PactFiles.load(missing.toString()))
        .withMessage("There is no folder or file " + missing + ".");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PactFiles.load(folder.toString()))
        .withMessage("The folder " + folder + " has no .json file.");
  }

  @Test
  void tellsWhichFileIsNoPact() throws IOException {
    Path broken = Files.writeString(folder.resolve("broken.json"), "{\n\"consumer\": }");
    Path other = Files.writeString(folder.resolve("package.json"), "{\"name\": \"portal\"}");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PactFiles.load(folder.toString()))
        .withMessageStartingWith(broken + " is not JSON")
        .withMessageContaining("at line 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PactFiles.load(other.toString()))
        .withMessage(other + " is no pact: it has no interactions or messages.");
  }

  private static byte[] fixture(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(PactFilesTest.class.getResourceAsStream(name), name)) {
      return in.readAllBytes();
    }
  }
}
