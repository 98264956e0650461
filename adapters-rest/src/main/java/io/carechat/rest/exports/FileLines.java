package io.carechat.rest.exports;

import io.carechat.api.ExportedMessage;
import io.carechat.api.runtime.Json;
import io.carechat.domain.exports.ExportEncoder;
import io.carechat.domain.exports.ExportFormat;
import io.carechat.domain.exports.ExportedMessages.Entry;
import io.carechat.rest.events.EventIds;
import io.carechat.rest.messages.MessageMapper;
import java.util.Arrays;

/**
 * Writes the lines of files as JSON. Line breaks in texts are escaped, so a message is always one
 * line. Safe for use by many threads.
 */
public final class FileLines implements ExportEncoder {
  @Override
  public byte[] encode(ExportFormat format, Entry entry) {
    byte[] json =
        Json.write(
            switch (format) {
              case NDJSON ->
                  new ExportedMessage(
                      EventIds.write(entry.position()),
                      entry.message().chat().patient().value(),
                      MessageMapper.message(entry.message()));
              case FHIR -> FhirCommunication.of(entry.message());
            });
    byte[] line = Arrays.copyOf(json, json.length + 1);
    line[json.length] = '\n';
    return line;
  }
}
