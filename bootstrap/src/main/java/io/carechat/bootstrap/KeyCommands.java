package io.carechat.bootstrap;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.InvalidRequest;
import io.carechat.domain.chat.KeyId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.chat.Violation;
import io.carechat.domain.keys.ApiKey;
import io.carechat.domain.keys.KeyManagement;
import io.carechat.domain.keys.KeyResult;
import io.carechat.domain.keys.NewKey;
import io.carechat.persistence.PostgresStorage;
import java.io.PrintStream;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The commands of the operator for API keys. They work on the database; the service may run or not.
 * The operator may do in each instance what a credential with every scope may do.
 */
final class KeyCommands {
  /** By whom these keys were created, as the API shows it. */
  private static final String OPERATOR = "operator";

  private static final Set<String> COMMANDS = Set.of("list", "create", "revoke");

  private KeyCommands() {}

  /**
   * Runs a command.
   *
   * @param command {@code list}, {@code create} or {@code revoke}
   * @param options without the two hyphens
   * @throws Main.UsageFault if the command or its options are not understood
   * @throws IllegalStateException if it cannot be done; the message says why
   */
  static void run(String command, Settings settings, Map<String, String> options, PrintStream out) {
    if (!COMMANDS.contains(command)) {
      throw new Main.UsageFault("keys needs one of list, create and revoke");
    }
    TenantInstance instance = instance(options);
    InstantSource clock = InstantSource.system();
    try (PostgresStorage storage = Carechat.openStorage(settings.database(), clock, () -> {})) {
      var random = new SecureRandom();
      KeyManagement keys =
          Carechat.keyManagement(settings, storage, new TimeOrderedIds(clock, random), random);
      var operator = new Caller.Partner(OPERATOR, instance, EnumSet.allOf(Scope.class));
      switch (command) {
        case "create" -> create(keys, operator, options, out);
        case "revoke" -> revoke(keys, operator, options, out);
        default ->
            keys.list(operator, instance)
                .forEach(key -> out.println(line(key, storage.sharedClock().instant())));
      }
    } catch (InvalidRequest invalid) {
      throw new Main.UsageFault(
          invalid.violations().stream()
              .map(violation -> nameOf(violation) + " " + violation.rule())
              .collect(Collectors.joining("; ")));
    }
  }

  private static String nameOf(Violation violation) {
    return violation.member().equals("expiresAt") ? "--expires" : violation.member();
  }

  private static TenantInstance instance(Map<String, String> options) {
    try {
      return new TenantInstance(Main.needed(options, "tenant"), Main.needed(options, "instance"));
    } catch (IllegalArgumentException e) {
      throw new Main.UsageFault(String.valueOf(e.getMessage()));
    }
  }

  private static void create(
      KeyManagement keys, Caller operator, Map<String, String> options, PrintStream out) {
    String note = options.getOrDefault("note", "");
    if (note.codePointCount(0, note.length()) > KeyManagement.MAX_NOTE || note.indexOf(0) >= 0) {
      throw new Main.UsageFault(
          "--note must have " + KeyManagement.MAX_NOTE + " characters at most, and no NUL");
    }
    var wanted = new NewKey(Main.scopes(options), note, null, Main.expires(options));
    switch (keys.create(operator, operator.instance(), wanted)) {
      case KeyResult.Created(var key, var secret) -> {
        out.println("The key " + key.id() + ", shown only this once:");
        out.println();
        out.println("  " + secret.value());
      }
      case KeyResult.TooMany(int max) ->
          throw new IllegalStateException(
              "the instance already has " + max + " valid keys, which is the maximum");
    }
  }

  private static void revoke(
      KeyManagement keys, Caller operator, Map<String, String> options, PrintStream out) {
    KeyId id;
    try {
      id = new KeyId(Main.needed(options, "id"));
    } catch (IllegalArgumentException e) {
      throw new Main.UsageFault(String.valueOf(e.getMessage()));
    }
    switch (keys.revoke(operator, operator.instance(), id)) {
      case KeyResult.Revoked() -> out.println("The key " + id + " is revoked.");
      case KeyResult.NoSuchKey() ->
          throw new IllegalStateException("the instance has no key " + id);
      case KeyResult.IsConfigured() ->
          throw new IllegalStateException(
              "the key " + id + " is in the configuration: remove it there, and start again");
    }
  }

  /** What is not known is a hyphen, so that each line has the same columns. */
  private static String line(ApiKey key, Instant now) {
    ApiKey.Creation created = key.created();
    return String.join(
        "\t",
        key.id().value(),
        state(key, now),
        key.scopes().stream().sorted().map(Scope::wireName).collect(Collectors.joining(",")),
        "created " + shown(created == null ? null : created.at()),
        "by " + shown(created == null ? "configuration" : created.by()),
        "expires " + shown(key.expiresAt()),
        "used " + shown(key.lastUsedOn()),
        key.note().replaceAll("\\p{Cntrl}", " "));
  }

  private static String state(ApiKey key, Instant now) {
    Instant revokedAt = key.revokedAt();
    if (revokedAt != null) {
      return "revoked " + revokedAt;
    }
    if (!key.isValidAt(now)) {
      return "expired";
    }
    return key.isBreakGlass() ? "break-glass" : "valid";
  }

  private static String shown(@Nullable Object value) {
    return value == null ? "-" : value.toString();
  }
}
