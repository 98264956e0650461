package io.carechat.domain.exports;

/** How the messages of an export are written. Each message is one line. */
public enum ExportFormat {
  /** The JSON of this API. */
  NDJSON,
  /** A resource {@code Communication} of FHIR R4. */
  FHIR
}
