package io.carechat.domain.records;

import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ChatRestricted;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.chat.Unavailable;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Erases, restricts and holds chats, for partners. Safe for use by many threads. Every method may
 * throw {@link Unavailable}, and throws {@link AccessDenied} if the caller is no partner or lacks
 * the scope.
 */
public final class ChatRecords {
  private final Erasures erasures;
  private final Restrictions restrictions;
  private final LegalHolds holds;
  private final TimeOrderedIds ids;
  private final InstantSource clock;
  private final Runnable onErasure;

  /**
   * @param erasures erases chats
   * @param restrictions restricts chats
   * @param holds holds chats
   * @param ids makes ids
   * @param clock a clock that all nodes share
   * @param onErasure is run after an erasure may have begun, and before the caller is told so. If
   *     it throws, the caller is told that instead, and the erasure goes on.
   */
  public ChatRecords(
      Erasures erasures,
      Restrictions restrictions,
      LegalHolds holds,
      TimeOrderedIds ids,
      InstantSource clock,
      Runnable onErasure) {
    this.erasures = erasures;
    this.restrictions = restrictions;
    this.holds = holds;
    this.ids = ids;
    this.clock = clock;
    this.onErasure = onErasure;
  }

  /** The result of placing a hold. */
  public sealed interface PlaceResult {
    /** The hold is there. */
    record Placed(LegalHold hold) implements PlaceResult {}

    /** The chat has no message, or is being erased. */
    record NoChat() implements PlaceResult {}

    /** The chat has {@value LegalHolds#MAX} holds. */
    record TooMany() implements PlaceResult {}
  }

  /**
   * Erases a chat, as {@link Erasures#request} does.
   *
   * @throws ChatRestricted if the chat is restricted
   */
  public Erasures.Requested erase(Caller caller, ChatId chat, ErasureReason reason) {
    String by = require(caller, Scope.ERASE_CHATS, chat);
    Erasures.Requested requested =
        erasures.request(
            new Erasures.Request(new ErasureId(ids.next()), chat, reason, by, now(), null));
    if (requested instanceof Erasures.Requested.Accepted(Erasure erasure)
        && erasure.state() != Erasure.State.DONE) {
      onErasure.run();
    }
    return requested;
  }

  /** Returns an erasure. The result is empty if the chat has none with this id. */
  public Optional<Erasure> erasure(Caller caller, ChatId chat, ErasureId id) {
    String _ = require(caller, Scope.ERASE_CHATS, chat);
    return erasures.find(chat, id);
  }

  /**
   * Restricts a chat.
   *
   * @return since when it is restricted; empty if the chat has no message
   */
  public Optional<Instant> restrict(Caller caller, ChatId chat) {
    String _ = require(caller, Scope.RESTRICT_CHATS, chat);
    return restrictions.restrict(chat, ids.next(), now());
  }

  /**
   * Lifts the restriction of a chat.
   *
   * @return false if the chat was not restricted
   */
  public boolean liftRestriction(Caller caller, ChatId chat) {
    String _ = require(caller, Scope.RESTRICT_CHATS, chat);
    return restrictions.lift(chat, ids.next(), now());
  }

  /**
   * Places a legal hold.
   *
   * @param reference as in {@link LegalHold}
   */
  public PlaceResult placeHold(Caller caller, ChatId chat, @Nullable String reference) {
    String by = require(caller, Scope.MANAGE_HOLDS, chat);
    var hold = new LegalHold(new HoldId(ids.next()), reference, now(), by);
    return switch (holds.place(chat, hold)) {
      case PLACED -> new PlaceResult.Placed(hold);
      case NO_CHAT -> new PlaceResult.NoChat();
      case TOO_MANY -> new PlaceResult.TooMany();
    };
  }

  /** Returns the holds of a chat, oldest first. */
  public List<LegalHold> holds(Caller caller, ChatId chat) {
    String _ = require(caller, Scope.MANAGE_HOLDS, chat);
    return holds.list(chat);
  }

  /**
   * Lifts a legal hold. If it was the last one, an erasure that waited begins.
   *
   * @return false if the chat has no such hold
   */
  public boolean liftHold(Caller caller, ChatId chat, HoldId id) {
    String _ = require(caller, Scope.MANAGE_HOLDS, chat);
    boolean lifted = holds.lift(chat, id, now());
    if (lifted) {
      onErasure.run();
    }
    return lifted;
  }

  /** Returns the id of the caller's credential. */
  private static String require(Caller caller, Scope scope, ChatId chat) {
    caller.require(scope, chat);
    if (!(caller instanceof Caller.Partner)) {
      throw new AccessDenied(scope);
    }
    return caller.credentialId();
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
