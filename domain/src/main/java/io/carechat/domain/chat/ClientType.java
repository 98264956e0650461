package io.carechat.domain.chat;

/** The side of a chat that a sender belongs to. The names are those of the contract. */
public enum ClientType {
  /** The patient of the chat. */
  PATIENT,
  /** A member of the care team. */
  CARE_TEAM
}
