package io.carechat.api.runtime;

import java.io.OutputStream;

/**
 * The body of a response that is written while it is produced, such as server-sent events. For use
 * by one thread. It is closed when the response is over, whether or not the body was written.
 */
public interface StreamedBody extends AutoCloseable {

  /**
   * Writes the body, and returns at its end. Nothing reaches the caller before {@link
   * OutputStream#flush}.
   *
   * @throws io.helidon.webserver.CloseConnectionException if the caller has left
   */
  void writeTo(OutputStream out);

  /** Releases the resources of the body. */
  @Override
  void close();
}
