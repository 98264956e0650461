package io.carechat.api.runtime;
import java.io.OutputStream;

/**
 * The body of an answer that is written while it comes about, such as server-sent events. Used by
 * one thread. It is closed when the answer is over, whether or not it was written.
 */
public interface StreamedBody extends AutoCloseable {

  /**
   * Writes it all, and returns when there is no more to come. Nothing reaches the caller before
   * {@link OutputStream#flush}.
   *
   * @throws io.helidon.webserver.CloseConnectionException if the caller has left
   */
  void writeTo(OutputStream out);

  @Override
  void close();
}
