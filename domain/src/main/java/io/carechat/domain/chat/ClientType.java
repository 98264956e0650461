package io.carechat.domain.chat;

/** Which side of the chat a sender is on. The names are the contract's. */
public enum ClientType {
  PATIENT,
  CARE_TEAM
}
