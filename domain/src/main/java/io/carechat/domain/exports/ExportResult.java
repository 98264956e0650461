package io.carechat.domain.exports;

/** The results of asking for an export and for its file. */
public final class ExportResult {
  private ExportResult() {}

  /** The result of asking for an export. */
  public sealed interface OfCreate {}

  /** It was stored, and will be written. */
  public record Created(Export export) implements OfCreate {}

  /** An earlier, equal request of this caller with the same key has made it. */
  public record Replayed(Export export) implements OfCreate {}

  /** The caller has used the key for another request. Nothing was stored. */
  public record KeyReused() implements OfCreate {}

  /** The instance has as many exports as it may have. Nothing was stored. */
  public record TooManyOfInstance(int max) implements OfCreate {}

  /** The caller has as many exports as one caller may have. Nothing was stored. */
  public record TooManyOfCaller(int max) implements OfCreate {}

  /** The result of asking for a file. */
  public sealed interface OfFile {}

  /**
   * The file is complete.
   *
   * @param export its manifest is complete: see {@link Export#sha256}
   */
  public record Complete(Export export) implements OfFile {}

  /**
   * There is no file: it is not complete yet, cannot be written, or was removed.
   *
   * @param state says which of these
   */
  public record NoFile(ExportState state) implements OfFile {}

  /** The caller may see no such export. */
  public record NoSuchExport() implements OfFile {}
}
