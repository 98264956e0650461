package io.carechat.domain.chat;

/**
 * Thrown when a chat is restricted (GDPR, article 18), or is just being erased: it is kept, but
 * neither shown nor changed. Nothing was read or changed.
 *
 * <p>It has no stack trace, because it describes the state of the chat and no fault of the program.
 */
public final class ChatRestricted extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ChatRestricted() {
    super("The chat is restricted", null, false, false);
  }
}
