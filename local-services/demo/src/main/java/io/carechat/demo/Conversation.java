package io.carechat.demo;

import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Sender;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * A conversation of the demonstration. It is stored in a file, with the number of days before today
 * for each message.
 *
 * @param lines oldest first
 */
record Conversation(PatientId patient, List<Line> lines) {
  /**
   * A message of the conversation.
   *
   * @param at when it was sent
   */
  record Line(Instant at, Sender sender, String text) {}

  /** The conversations of the demonstration, in no particular order. */
  static List<Conversation> all(Instant today) {
    return List.of("english", "german", "spanish", "turkish", "arabic", "japanese", "ukrainian")
        .stream()
        .map(name -> read(name, today))
        .toList();
  }

  private static Conversation read(String name, Instant today) {
    String resource = "conversations/" + name + ".txt";
    try (InputStream in =
            Objects.requireNonNull(Conversation.class.getResourceAsStream(resource), resource);
        var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return parse(reader.lines().filter(line -> !line.isBlank()).toList(), today);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Conversation parse(List<String> text, Instant today) {
    var patient = PatientId.parse(text.getFirst().substring("patient: ".length())).orElseThrow();
    Map<String, Sender> senders = new HashMap<>();
    senders.put("patient", new Sender.Patient(patient));
    var lines = new ArrayList<Line>();
    for (String line : text.subList(1, text.size())) {
      String[] parts = line.split(" ", 4);
      if (parts[0].equals("member")) {
        senders.put(
            parts[1].replace(":", ""),
            new Sender.CareTeamMember(UUID.fromString(parts[2]), parts[3]));
      } else {
        Instant at =
            today
                .atZone(ZoneOffset.UTC)
                .toLocalDate()
                .plusDays(Integer.parseInt(parts[0]))
                .atTime(LocalTime.parse(parts[1]))
                .toInstant(ZoneOffset.UTC);
        lines.add(
            new Line(
                at,
                Objects.requireNonNull(senders.get(parts[2]), line),
                parts[3].replace("\\n", "\n")));
      }
    }
    return new Conversation(patient, lines);
  }
}
