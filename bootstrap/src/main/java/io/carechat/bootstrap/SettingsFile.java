package io.carechat.bootstrap;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A YAML file of settings, and where in it each setting is.
 *
 * <p>A mistake can turn any text of the file into anything: a password becomes a name if its line
 * is indented wrongly. So faults say where they are, and repeat no text of the file. That includes
 * the messages of the parsers, which quote the line.
 *
 * @param config the values
 */
record SettingsFile(Config config, Map<String, String> positions) {
  private static final String ADVICE = "is not valid YAML: look at ";

  SettingsFile {
    positions = Map.copyOf(positions);
  }

  /** A file without settings. */
  static SettingsFile empty() {
    return new SettingsFile(Config.empty(), Map.of());
  }

  /**
   * Reads a file.
   *
   * @throws InvalidSettings if it cannot be read or is not a YAML mapping
   */
  static SettingsFile read(Path file) {
    try {
      return of(file, Files.readString(file));
    } catch (IOException e) {
      throw new InvalidSettings(List.of(file + ": the file does not exist or cannot be read"));
    } catch (MarkedYAMLException fault) {
      throw new InvalidSettings(List.of(file + ": " + ADVICE + position(fault.getProblemMark())));
    } catch (Misplaced fault) {
      throw new InvalidSettings(List.of(file + ": " + fault.getMessage()));
    } catch (RuntimeException fault) {
      // Helidon's, and those of SnakeYAML that have no position.
      throw new InvalidSettings(List.of(file + ": is not valid YAML"));
    }
  }

  private static SettingsFile of(Path file, String text) {
    var options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    Node root = new Yaml(options).compose(new StringReader(text));
    var positions = new HashMap<String, String>();
    if (root != null) {
      if (!(root instanceof MappingNode)) {
        throw new Misplaced("must be a YAML mapping, with a name at the beginning of each line");
      }
      collect(root, "", positions, new ArrayDeque<>());
    }
    Config config =
        Config.builder()
            .disableEnvironmentVariablesSource()
            .disableSystemPropertiesSource()
            .disableValueResolving()
            .disableKeyResolving()
            .disableCaching()
            .sources(ConfigSources.file(file).build())
            .build();
    return new SettingsFile(config, positions);
  }

  /** Where a setting is, in words; empty if it is not in the file. */
  Optional<String> position(String fullName) {
    return Optional.ofNullable(positions.get(fullName));
  }

  private static void collect(
      Node node, String name, Map<String, String> positions, Deque<Node> above) {
    // Nodes are equal only if they are the same one.
    if (above.contains(node)) {
      throw new Misplaced(ADVICE + position(node.getStartMark()) + ", which contains itself");
    }
    above.push(node);
    switch (node) {
      case MappingNode mapping -> collectMembers(mapping, name, positions, above);
      case SequenceNode list -> {
        for (int i = 0; i < list.getValue().size(); i++) {
          Node item = list.getValue().get(i);
          String itemName = below(name, String.valueOf(i));
          positions.put(itemName, position(item.getStartMark()));
          collect(item, itemName, positions, above);
        }
      }
      default -> {}
    }
    above.pop();
  }

  private static void collectMembers(
      MappingNode mapping, String name, Map<String, String> positions, Deque<Node> above) {
    var names = new HashMap<String, NodeTuple>();
    for (NodeTuple member : mapping.getValue()) {
      Node key = member.getKeyNode();
      if (!(key instanceof ScalarNode scalar)) {
        throw new Misplaced(ADVICE + position(key.getStartMark()) + ": a name must be a text");
      }
      if (names.put(scalar.getValue(), member) != null) {
        throw new Misplaced(
            ADVICE + position(key.getStartMark()) + ": this name appears twice at one level");
      }
      // The members of a merged mapping become members of this one.
      String memberName =
          Tag.MERGE.equals(key.getTag())
              ? name
              : below(name, Config.Key.escapeName(scalar.getValue()));
      positions.put(memberName, position(key.getStartMark()));
      collect(member.getValueNode(), memberName, positions, above);
    }
  }

  private static String below(String name, String member) {
    return name.isEmpty() ? member : name + "." + member;
  }

  private static String position(@Nullable Mark mark) {
    return mark == null
        ? "its end"
        : "line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1);
  }

  /** Says what is wrong with the file, without any text of it. */
  private static final class Misplaced extends YAMLException {
    private static final long serialVersionUID = 1;

    Misplaced(String message) {
      super(message);
    }
  }
}
