package io.carechat.domain;

/**
 * The credential does not cover the act, and nothing was done. The same whether or not what it asks
 * for exists.
 *
 * @param needed the scope that the act needs, where it was asked for
 */
public record Forbidden(Scope needed)
    implements SendResult,
        FindResult,
        GetResult,
        SearchResult,
        ListChatsResult,
        GetChatResult,
        MarkReadResult,
        FeedResult,
        OpenFeedResult,
        WebhookResult.OfCreate,
        WebhookResult.OfList,
        WebhookResult.OfFind,
        WebhookResult.OfChange,
        WebhookResult.OfDelete,
        WebhookResult.OfPing,
        WebhookResult.OfRotate {}
