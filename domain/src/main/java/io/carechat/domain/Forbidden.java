package io.carechat.domain;

/**
 * The credential does not cover the act, and nothing was done. The same whether or not what it asks
 * for exists.
 *
 * @param needed the scope that the act needs, in the chat it was asked for
 */
public record Forbidden(Scope needed)
    implements SendResult,
        FindResult,
        GetResult,
        SearchResult,
        ListChatsResult,
        GetChatResult,
        MarkReadResult {}
