package io.carechat.local;

import java.io.Serial;

/** A local service could not be started or stopped. The message says why, and what to do. */
public final class LocalServiceException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  LocalServiceException(String message) {
    super(message);
  }

  LocalServiceException(String message, Throwable cause) {
    super(message, cause);
  }
}
