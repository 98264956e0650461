package io.carechat.api.runtime;

/**
 * A file that is written while it is read, because it may be too long for the memory. It has a
 * known length, so a caller notices if it breaks off.
 */
public interface FileBody extends StreamedBody {

  /** Returns the media type of the file. */
  String mediaType();

  /** Returns how many bytes {@link #writeTo} writes if it does not break off. */
  long length();
}
