package io.carechat.domain.records;

/**
 * Why a chat is erased. The first five are those of GDPR, article 17(1), (a) to (e). There is no
 * free text, because it could contain what is to be erased.
 */
public enum ErasureReason {
  /** The messages are no longer necessary for their purpose. */
  NO_LONGER_NECESSARY,
  /** The patient has withdrawn the consent. */
  CONSENT_WITHDRAWN,
  /** The patient objects to the processing. */
  OBJECTION,
  /** The messages have been processed unlawfully. */
  UNLAWFUL,
  /** A law demands the erasure. */
  LEGAL_OBLIGATION,
  /** The time for which the instance keeps chats is over. Only the service itself erases for it. */
  RETENTION
}
