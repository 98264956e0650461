package io.carechat.domain.inbox;

import io.carechat.domain.paging.PageToken;

/**
 * A token that leads to a page of the chats of an instance.
 *
 * @param page the position in the list
 * @param filter the condition that the chats of the list meet
 */
public record InboxToken(PageToken<ChatKey> page, ChatFilter filter) {}
