package io.carechat.bootstrap;

import io.carechat.domain.chat.Secret;
import io.helidon.config.Config;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One level of the settings: the whole file, or one item of a list. It reads the settings below it
 * by their names, such as {@code database.pool-size}.
 *
 * <p>Reading never throws. What is wrong is added to a list of faults with the setting's full name,
 * and the reader goes on with a stand-in, so that all faults are found at once. No fault contains a
 * value, because the value may be a secret in the wrong line. A name that is no setting may be one
 * too, so only its position is said. For use by one thread.
 */
final class SettingsNode {
  private static final String NO_SETTING = ": there is no such setting";

  private final Config config;
  private final Input input;

  /**
   * What all levels share.
   *
   * @param file says where settings are
   * @param folder that relative paths are relative to
   * @param environment by the variables' names, without the prefix
   * @param known the full names of all settings that were asked for
   * @param faults what is wrong
   */
  private record Input(
      SettingsFile file,
      Path folder,
      Map<String, String> environment,
      Set<String> known,
      List<String> faults) {}

  private SettingsNode(Config config, Input input) {
    this.config = config;
    this.input = input;
  }

  /**
   * The whole file.
   *
   * @param file the settings of the file, and where they are
   * @param folder that relative paths are relative to
   * @param environment the variables without their prefix: {@code DATABASE_POOL_SIZE} takes
   *     precedence over {@code database.pool-size}
   */
  static SettingsNode root(SettingsFile file, Path folder, Map<String, String> environment) {
    return new SettingsNode(
        file.config(), new Input(file, folder, environment, new HashSet<>(), new ArrayList<>()));
  }

  /** What was found to be wrong until now, in the order of reading. */
  List<String> faults() {
    return List.copyOf(input.faults());
  }

  /** The full names of all settings that were asked for until now. */
  Set<String> names() {
    return Set.copyOf(input.known());
  }

  /** Adds a fault of a setting below this one. */
  void fault(String name, String text) {
    input.faults().add(fullName(name) + ": " + text);
  }

  private String fullName(String name) {
    return name.isEmpty() ? config.key().toString() : config.get(name).key().toString();
  }

  private static String variable(String fullName) {
    return fullName.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  private <T> T missing(String name, T standIn) {
    String fullName = fullName(name);
    if (input.faults().stream().noneMatch(fault -> fault.startsWith(fullName + ": "))) {
      fault(name, "is missing");
    }
    return standIn;
  }

  // --- single values

  Optional<String> text(String name) {
    String fullName = fullName(name);
    input.known().add(fullName);
    String variable = input.environment().get(variable(fullName));
    return Optional.ofNullable(variable)
        .or(() -> textOf(config.get(name), name))
        .filter(text -> isUsable(name, text));
  }

  private Optional<String> textOf(Config node, String name) {
    return switch (node.type()) {
      case VALUE -> node.asString().asOptional();
      case MISSING -> Optional.empty();
      case OBJECT, LIST -> {
        fault(name, "must be one value, not a list or a mapping");
        yield Optional.empty();
      }
    };
  }

  /** In the items of a list an empty value is a fault. */
  private boolean isUsable(String name, String text) {
    boolean usable = config.key().isRoot() || !text.isEmpty();
    if (!usable) {
      fault(name, "is empty");
    }
    return usable;
  }

  String requiredText(String name) {
    return text(name).orElseGet(() -> missing(name, "-"));
  }

  /**
   * Reads a value with a parser that refuses by {@link IllegalArgumentException} or {@link
   * DateTimeParseException}.
   */
  <T> Optional<T> value(String name, Function<String, T> parser) {
    return text(name).flatMap(text -> parsed(name, text, parser));
  }

  /** Reads a value as {@link #value} does; the stand-in is given for one with a fault. */
  <T> T requiredValue(String name, Function<String, T> parser, T standIn) {
    return text(name)
        .map(text -> parsed(name, text, parser).orElse(standIn))
        .orElseGet(() -> missing(name, standIn));
  }

  /**
   * Reads a text as {@link #value} does.
   *
   * @param parser the messages of its {@link IllegalArgumentException} must not repeat the text
   */
  <T> Optional<T> parsed(String name, String text, Function<String, T> parser) {
    try {
      return Optional.of(parser.apply(text));
    } catch (NumberFormatException e) {
      // Its message repeats the text, as does that of the next.
      fault(name, "cannot be read: must be a whole number");
    } catch (DateTimeParseException e) {
      fault(name, "cannot be read: must be a duration such as PT5S, or a time in UTC");
    } catch (IllegalArgumentException e) {
      fault(name, "cannot be read: " + e.getMessage());
    }
    return Optional.empty();
  }

  Optional<URI> url(String name) {
    return value(name, SettingsNode::uri);
  }

  URI requiredUrl(String name) {
    return requiredValue(name, SettingsNode::uri, URI.create("http://localhost"));
  }

  /** A URL may contain a password, so what is wrong with it is said without repeating it. */
  private static URI uri(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e.getReason() + " at index " + e.getIndex(), e);
    }
  }

  int number(String name, int otherwise, int min, int max) {
    int number = value(name, Integer::parseInt).orElse(otherwise);
    if (number < min || number > max) {
      fault(name, "must be from " + min + " to " + max);
    }
    return number;
  }

  boolean isTrue(String name) {
    return isTrue(name, false);
  }

  boolean isTrue(String name, boolean otherwise) {
    return value(
            name,
            text ->
                switch (text) {
                  case "true" -> true;
                  case "false" -> false;
                  default -> throw new IllegalArgumentException("must be true or false");
                })
        .orElse(otherwise);
  }

  Duration duration(String name, Duration otherwise) {
    return value(name, Duration::parse).orElse(otherwise);
  }

  /** The path of a file, which is relative to the folder of the configuration. */
  Optional<Path> path(String name) {
    return value(name, this::resolved);
  }

  private Path resolved(String text) {
    try {
      return input.folder().resolve(text);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("must be the name of a file", e);
    }
  }

  /** Reads a secret from the setting, or from the file that the setting {@code NAME-file} names. */
  Optional<Secret> secret(String name) {
    Optional<String> text = text(name);
    Optional<Path> file = path(name + "-file");
    if (text.isPresent() && file.isPresent()) {
      fault(name, "is given directly and as a file");
    }
    return file.map(path -> secretOf(path, name))
        .filter(secret -> isUsable(name, secret.value()))
        .or(() -> text.map(Secret::new));
  }

  private Secret secretOf(Path file, String name) {
    try {
      return new Secret(Files.readString(file).strip());
    } catch (IOException e) {
      fault(name + "-file", "the file does not exist or cannot be read");
      return new Secret("-");
    }
  }

  Secret requiredSecret(String name) {
    return secret(name).orElseGet(() -> missing(name, new Secret("-")));
  }

  /** Reads a user and a password, which need each other. */
  Optional<Settings.Login> login(String name) {
    Optional<String> user = text(name + ".user");
    Optional<Secret> password = secret(name + ".password");
    if (user.isPresent() != password.isPresent()) {
      fault(name, "user and password must be given together");
    }
    return user.flatMap(of -> password.map(by -> new Settings.Login(of, by)));
  }

  // --- lists

  /** The values of a list, empty if it is missing. */
  List<String> texts(String name) {
    return items(name).stream()
        .map(item -> {
          input.known().add(item.key().toString());
          if (!item.isLeaf()) {
            fault(name, "must be a list of texts");
          }
          return item.asString().orElse("");
        })
        .toList();
  }

  /** The text that is given where an item with settings of its own is expected. */
  Optional<String> onlyText() {
    if (!config.isLeaf()) {
      return Optional.empty();
    }
    input.known().add(config.key().toString());
    return config.asString().asOptional();
  }

  /** The values of a list that must have one or more, or of a single text instead of it. */
  List<String> requiredTextOrTexts(String name) {
    List<String> texts =
        config.get(name).isLeaf() ? text(name).map(List::of).orElse(List.of()) : texts(name);
    return texts.isEmpty() ? missing(name, texts) : texts;
  }

  /** The values of a list that must have one or more. */
  List<String> requiredTexts(String name) {
    List<String> texts = texts(name);
    return texts.isEmpty() ? missing(name, texts) : texts;
  }

  /**
   * The items of a list of objects.
   *
   * @param reader returns null for an item that has faults
   */
  <T> List<T> list(String name, Function<SettingsNode, @Nullable T> reader) {
    var list = new ArrayList<T>();
    for (Config item : items(name)) {
      T read = reader.apply(new SettingsNode(item, input));
      if (read != null) {
        list.add(read);
      }
    }
    return list;
  }

  private List<Config> items(String name) {
    Config node = config.get(name);
    if (node.exists() && node.type() != Config.Type.LIST) {
      fault(name, "must be a list");
      return List.of();
    }
    return node.asNodeList().orElse(List.of());
  }

  /**
   * Makes something of the values below this level.
   *
   * @param maker refuses values by an {@link IllegalArgumentException}, which becomes a fault of
   *     this level
   * @return null if the maker refused
   */
  <T> @Nullable T made(Supplier<T> maker) {
    try {
      return maker.get();
    } catch (IllegalArgumentException e) {
      fault("", Objects.requireNonNullElse(e.getMessage(), "cannot be used"));
      return null;
    }
  }

  // --- what nobody asked for

  /**
   * Adds a fault for each value of the file, and each variable, that was not asked for. Such a
   * setting is a slip of the operator, and would silently have no effect.
   *
   * @param prefix of the variables, for the faults
   * @param others variables that are no settings
   */
  void refuseUnknown(String prefix, Set<String> others) {
    config
        .traverse()
        .filter(Config::isLeaf)
        .map(leaf -> leaf.key().toString())
        .filter(name -> !input.known().contains(name))
        .forEach(name ->
            input.faults().add(input.file().position(name).orElse("the file") + NO_SETTING));
    var variables = new HashSet<>(others);
    input.known().forEach(name -> variables.add(variable(name)));
    input.environment().keySet().stream()
        .filter(name -> !variables.contains(name))
        .forEach(name -> input.faults().add(prefix + name + NO_SETTING));
  }
}
