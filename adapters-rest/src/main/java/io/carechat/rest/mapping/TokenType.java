package io.carechat.rest.mapping;

/** The lists that have page tokens. The names are the contract's. */
public enum TokenType {
  LOCAL_FIND("the messages of a chat"),
  LOCAL_SEARCH("a search in one chat"),
  INSTANCE_SEARCH("a search in all chats"),
  CHATS("a list of chats"),
  DELIVERIES("a list of deliveries");

  private final String list;

  TokenType(String list) {
    this.list = list;
  }

  /** What the tokens lead through, as the end of a sentence. */
  String list() {
    return list;
  }
}
