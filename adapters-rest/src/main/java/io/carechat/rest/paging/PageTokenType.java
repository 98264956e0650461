package io.carechat.rest.paging;

/** The lists that have page tokens. The names are those of the contract. */
public enum PageTokenType {
  /** Tokens of the messages of a chat. */
  LOCAL_FIND("the messages of a chat"),
  /** Tokens of a search in one chat. */
  LOCAL_SEARCH("a search in one chat"),
  /** Tokens of a search in all chats of an instance. */
  INSTANCE_SEARCH("a search in all chats"),
  /** Tokens of the chats of an instance. */
  CHATS("a list of chats"),
  /** Tokens of the deliveries of a webhook endpoint. */
  DELIVERIES("a list of deliveries");

  private final String list;

  PageTokenType(String list) {
    this.list = list;
  }

  /** Returns the name of the list, as the end of a sentence. */
  String list() {
    return list;
  }
}
