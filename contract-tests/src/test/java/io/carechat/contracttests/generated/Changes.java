package io.carechat.contracttests.generated;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.carechat.api.checked.DescribedOperation;
import io.carechat.api.checked.Document;
import io.carechat.api.checked.RequestDraft;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Makes changes to requests for an operation, from what the contract says about it. */
final class Changes {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final RandomGenerator random;
  private final DescribedOperation operation;
  private final List<List<String>> credentials;

  /**
   * @param credentials headers to try instead of the good one, each with a name and a value
   */
  Changes(RandomGenerator random, DescribedOperation operation, List<List<String>> credentials) {
    this.random = random;
    this.operation = operation;
    this.credentials = credentials;
  }

  private <T> T one(List<T> of) {
    return Texts.one(random, of);
  }

  /** Makes a change. All random choices are made now, and not when the change is applied. */
  Change next() {
    boolean hasBody = operation.body().isPresent();
    return switch (random.nextInt(hasBody ? 16 : 10)) {
      case 0 -> path();
      case 1, 2, 3, 4 -> parameter();
      case 5 -> query();
      case 6 -> header();
      case 7 -> credential();
      case 8 -> method();
      case 9 -> random.nextInt(10) == 0 ? slow() : parameter();
      case 10, 11, 12 -> member();
      case 13 -> bytes();
      case 14 -> delivery();
      default -> body();
    };
  }

  // --- the address ---

  private Change path() {
    String tricky =
        one(
            List.of(
                "/..",
                "/.",
                "/%2e%2e",
                "//",
                "/",
                ";x=y",
                "%00",
                "%2f",
                "%2F..%2F",
                "%5c",
                "%0d%0aX-Evil:1",
                "%zz",
                "%",
                "%c0%ae",
                "%ff",
                "#x",
                "\u00e9",
                "<>",
                "\\",
                " x",
                "\u0001",
                "?",
                "*"));
    int at = random.nextInt(1_000);
    return new Change(
        "the path has " + tricky,
        request -> {
          int instance = at % (request.path.length() + 1);
          request.path =
              request.path.substring(0, instance) + tricky + request.path.substring(instance);
        });
  }

  private Change parameter() {
    if (operation.parameters().isEmpty()) {
      return query();
    }
    DescribedOperation.Parameter parameter = one(operation.parameters());
    String name = parameter.name();
    String value =
        name.equals("pageToken") && random.nextInt(5) > 0
            ? Texts.token(random)
            : random.nextInt(6) == 0
                ? example(parameter)
                : Texts.forSchema(random, parameter.schema());
    return switch (parameter.in()) {
      case "path" -> {
        String segment = RequestDraft.encoded(value);
        yield new Change(
            name + " in the path is " + segment, request -> inPath(request, name, segment));
      }
      case "query" ->
          new Change(
              name + " in the query",
              request -> request.query.add(name + "=" + RequestDraft.encoded(value)));
      default -> {
        String bytes =
            new String(value.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1)
                .replaceAll("[\r\n]", " ");
        yield new Change("the header " + name, request -> request.header(name, bytes));
      }
    };
  }

  private void inPath(WireRequest request, String name, String segment) {
    String[] route = operation.route().split("/", -1);
    String[] path = request.path.split("/", -1);
    for (int i = 0; i < Math.min(route.length, path.length); i++) {
      if (route[i].equals("{" + name + "}")) {
        path[i] = segment;
      }
    }
    request.path = String.join("/", path);
  }

  private Change query() {
    String part =
        one(
            List.of(
                "",
                "&",
                "=",
                "=x",
                "x",
                "%",
                "%zz=1",
                "%ff=1",
                "a=%ff",
                "query=%ed%a0%80",
                "query=%c0%80",
                "query=+",
                "query=a+b",
                "pageSize=1;pageSize=2",
                "pageSize[]=1",
                "highlight",
                "x=" + "x".repeat(20_000),
                "query=" + "%F0%9F%98%80".repeat(500),
                "query=" + "a%20".repeat(250),
                "query=" + "%22a%22%20".repeat(60),
                "a=1&".repeat(500)));
    return new Change(
        "the query has " + part.substring(0, Math.min(40, part.length())),
        request -> request.query.add(part));
  }

  // --- headers ---

  private Change header() {
    List<String> header =
        one(
            List.of(
                List.of("Accept", "image/png"),
                List.of("Accept", "application/json;q=0"),
                List.of("Accept", "application/json;q=x"),
                List.of("Accept", ";;,,/"),
                List.of("Accept", "*/*,".repeat(1_000)),
                List.of("Accept-Encoding", "gzip"),
                List.of("Accept-Charset", "utf-16"),
                List.of("Content-Type", "text/plain"),
                List.of("Content-Type", "application/json; charset=utf-16"),
                List.of("Content-Type", "application/json;"),
                List.of("Content-Type", "application/json; charset"),
                List.of("Content-Type", "\u00ff"),
                List.of("Content-Type", ""),
                List.of("Content-Type", "multipart/form-data; boundary=x"),
                List.of("Content-Encoding", "gzip"),
                List.of("X-Request-Id", "x".repeat(100)),
                List.of("X-Request-Id", "<script>"),
                List.of("X-Long", "x".repeat(20_000)),
                List.of("X-Flood", ""),
                List.of("Bad Name", "x"),
                List.of("", "x"),
                List.of("X-Bytes", "\u0000\u0001\u00ff"),
                List.of("Host", "other"),
                List.of("Host", "a b"),
                List.of("Expect", "100-continue-or-not"),
                List.of("Connection", "close"),
                List.of("Connection", "Upgrade, HTTP2-Settings"),
                List.of("Range", "bytes=0-0"),
                List.of("If-None-Match", "*"),
                List.of("X-HTTP-Method-Override", "DELETE"),
                List.of("X-Forwarded-For", "127.0.0.1"),
                List.of("Cookie", "x".repeat(5_000))));
    String name = header.getFirst();
    String value = header.getLast();
    if (name.equals("X-Flood")) {
      return new Change(
          "a flood of headers",
          request -> {
            for (int i = 0; i < 2_000; i++) {
              request.headers.add(new WireRequest.Header("X-" + i, "x"));
            }
          });
    }
    return new Change(
        "the header " + name + ": " + value.substring(0, Math.min(40, value.length())),
        request -> request.header(name, value));
  }

  private Change credential() {
    List<String> credential = one(credentials);
    return new Change(
        "another credential",
        request -> {
          request.headers.removeIf(header ->
              header.name().equalsIgnoreCase("X-API-KEY")
                  || header.name().equalsIgnoreCase("Authorization"));
          for (int i = 0; i < credential.size(); i += 2) {
            request.headers.add(new WireRequest.Header(credential.get(i), credential.get(i + 1)));
          }
        });
  }

  private Change method() {
    String method =
        one(
            List.of(
                "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO", "get"));
    return new Change("the method " + method, request -> request.method = method);
  }

  // --- bodies ---

  /** Changes one position in the JSON. */
  private Change member() {
    DescribedOperation.Body body = operation.body().orElseThrow();
    JsonNode example = one(body.examples()).deepCopy();
    if (!(example instanceof ObjectNode whole)) {
      return body();
    }
    ObjectNode object = whole;
    JsonNode schema = body.schema();
    var objects = new ArrayList<String>();
    whole.properties().stream()
        .filter(member -> member.getValue().isObject())
        .forEach(member -> objects.add(member.getKey()));
    if (!objects.isEmpty() && random.nextBoolean()) {
      String name = one(objects);
      object = (ObjectNode) whole.path(name);
      schema = Document.served().resolve(schema.path("properties").path(name));
    }
    var names = new ArrayList<String>();
    schema.path("properties").fieldNames().forEachRemaining(names::add);
    names.add("noSuchThing");
    String name = one(names);
    JsonNode described = Document.served().resolve(schema.path("properties").path(name));
    if (random.nextInt(6) == 0) {
      object.remove(name);
    } else {
      object.set(name, value(name, described));
    }
    byte[] bytes = write(whole);
    return new Change("the member " + name, request -> request.body = bytes);
  }

  private JsonNode value(String name, JsonNode schema) {
    if (name.equals("pageToken") && random.nextBoolean()) {
      return MAPPER.getNodeFactory().textNode(Texts.token(random));
    }
    return switch (random.nextInt(9)) {
      case 0 -> read("null");
      case 1 -> read(one(List.of("true", "false")));
      case 2 ->
          read(one(List.of("0", "-1", "1.5", "1e2", "1e308", "2147483648", "9".repeat(40), "200")));
      case 3 -> {
        ArrayNode array = MAPPER.createArrayNode();
        for (int i = random.nextInt(3); i > 0; i--) {
          array.add("x");
        }
        yield array;
      }
      case 4 -> MAPPER.createObjectNode().put("x", 1);
      default -> MAPPER.getNodeFactory().textNode(Texts.forSchema(random, schema));
    };
  }

  /** Replaces the body with something completely different. */
  private Change body() {
    int depth = random.nextInt(2, 20_000);
    String text =
        one(
            List.of(
                "",
                " ",
                "null",
                "[]",
                "7",
                "\"x\"",
                "{}",
                "{",
                "{\"message\":\"x\"",
                "{\"message\":\"x\",\"message\":\"y\"}",
                "{\"message\":\"x\"}{}",
                "{\"message\":\"\\ud800\"}",
                "{\"message\":\"\\udc00\\ud800\"}",
                "{\"query\":\"\\udfff\"}",
                "{\"\\ud800\":1,\"message\":\"x\"}",
                "{\"message\":\"\\u0000\"}",
                "{\"message\":\"\\x\"}",
                "{\"message\":\"a\nb\"}",
                "\ufeff{\"message\":\"x\"}",
                "{\"message\":" + "9".repeat(1_000) + "}",
                "{\"message\":1e99999999999}",
                "{\"pageSize\":1e999999999,\"query\":\"x\"}",
                "{\"query\":\"x\",\"pageSize\":2.0}",
                "[".repeat(depth),
                "{\"message\":".repeat(depth),
                "[".repeat(depth / 2) + "]".repeat(depth / 2),
                "{\"message\":\"" + "\ud83d\ude00".repeat(10_000) + "\"}",
                "{\"message\":\"" + "\ud83d\ude00".repeat(10_001) + "\"}",
                "{\"message\":\"" + "\\ud83d\\ude00".repeat(5_000) + "\"}",
                "{\"message\":\"x\"}" + " ".repeat(65_536 - 15),
                "{\"message\":\"x\"}" + " ".repeat(65_536 - 14),
                "x".repeat(100_000)));
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new Change(
        "the body " + text.substring(0, Math.min(40, text.length())),
        request -> request.body = bytes.clone());
  }

  /** Breaks bytes of the body. */
  private Change bytes() {
    int instance = random.nextInt(1_000);
    byte[] broken =
        one(
            List.of(
                new byte[] {(byte) 0xff},
                new byte[] {(byte) 0xc0, (byte) 0xaf},
                new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
                new byte[] {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
                new byte[] {(byte) 0xe2, (byte) 0x82},
                new byte[] {0},
                new byte[] {'"'},
                new byte[] {'\\'},
                new byte[] {'}'}));
    boolean cut = random.nextInt(4) == 0;
    return new Change(
        "bytes of the body",
        request -> {
          int at = instance % (request.body.length + 1);
          byte[] bytes =
              Arrays.copyOf(request.body, cut ? at : request.body.length + broken.length);
          if (!cut) {
            System.arraycopy(broken, 0, bytes, at, broken.length);
            System.arraycopy(request.body, at, bytes, at + broken.length, request.body.length - at);
          }
          request.body = bytes;
        });
  }

  private Change delivery() {
    int chunk = random.nextInt(1, 5_000);
    return random.nextInt(8) == 0
        ? new Change("the caller leaves early", request -> request.leavesEarly = true)
        : new Change("in chunks of " + chunk, request -> request.chunk = chunk);
  }

  private static Change slow() {
    return new Change("slowly", request -> request.slow = true);
  }

  /** A good request from the contract's examples. It has only some of the optional parameters. */
  static RequestDraft good(RandomGenerator random, DescribedOperation operation) {
    RequestDraft draft = RequestDraft.of(operation);
    Optional<DescribedOperation.Body> body = operation.body();
    if (body.isPresent()) {
      draft = draft.body(Texts.one(random, body.get().examples()));
    }
    for (DescribedOperation.Parameter parameter : operation.parameters()) {
      if (!parameter.required() && parameter.in().equals("query") && random.nextInt(4) == 0) {
        draft = draft.query(parameter.name() + "=" + RequestDraft.encoded(example(parameter)));
      }
    }
    return draft;
  }

  /**
   * The contract's example. Only the wait is short: a long wait would use up the time of other
   * requests.
   */
  private static String example(DescribedOperation.Parameter parameter) {
    return parameter.name().equals("waitSeconds") ? "1" : parameter.example();
  }

  private static JsonNode read(String json) {
    try {
      return MAPPER.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] write(JsonNode json) {
    try {
      return MAPPER.writeValueAsBytes(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
