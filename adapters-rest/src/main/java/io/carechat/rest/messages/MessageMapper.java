package io.carechat.rest.messages;

import io.carechat.api.InstanceMessageItem;
import io.carechat.api.InstanceMessagePage;
import io.carechat.api.Message;
import io.carechat.api.MessageItem;
import io.carechat.api.MessageItemMeta;
import io.carechat.api.MessagePage;
import io.carechat.api.Sender;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.messages.PagedMessage;
import io.carechat.domain.paging.Page;
import io.carechat.domain.search.SearchPage;
import io.carechat.domain.search.SearchToken;
import io.carechat.rest.mapping.ApiMapper;
import java.time.Instant;
import java.util.List;

/** Converts messages of the domain to the contract. */
public final class MessageMapper {
  private MessageMapper() {}

  /** Converts a message. */
  public static Message message(io.carechat.domain.chat.Message message) {
    io.carechat.domain.chat.Sender sender = message.sender();
    return new Message(
        new Sender(ApiMapper.clientType(sender.clientType()), sender.id(), sender.titleName()),
        message.text().value(),
        message.externalId().toString(),
        message.createdAt());
  }

  static MessagePage page(Page<PagedMessage, Instant> page) {
    return new MessagePage(
        ApiMapper.meta(page, FindTokens::write), items(page.newestFirst(), false));
  }

  static MessagePage hits(SearchPage<Instant> page, boolean highlighted) {
    List<PagedMessage> hits = page.hits().newestFirst();
    SearchToken<Instant> older = page.older();
    return new MessagePage(
        ApiMapper.meta(
            hits,
            older == null ? null : SearchTokens.writeInChat(older),
            SearchTokens.writeInChat(page.newer())),
        items(hits, highlighted));
  }

  static InstanceMessagePage hitsOfInstance(SearchPage<MessageKey> page, boolean highlighted) {
    List<PagedMessage> hits = page.hits().newestFirst();
    SearchToken<MessageKey> older = page.older();
    return new InstanceMessagePage(
        ApiMapper.meta(
            hits,
            older == null ? null : SearchTokens.writeInInstance(older),
            SearchTokens.writeInInstance(page.newer())),
        hits.stream()
            .map(hit ->
                new InstanceMessageItem(
                    meta(hit, highlighted),
                    message(hit.message()),
                    hit.message().chat().patient().value()))
            .toList());
  }

  private static List<MessageItem> items(List<PagedMessage> messages, boolean highlighted) {
    return messages.stream().map(message -> item(message, highlighted)).toList();
  }

  static MessageItem item(PagedMessage message, boolean highlighted) {
    return new MessageItem(meta(message, highlighted), message(message.message()));
  }

  private static MessageItemMeta meta(PagedMessage message, boolean highlighted) {
    return new MessageItemMeta(
        FindTokens.write(message.older()),
        FindTokens.write(message.newer()),
        highlighted ? message.highlights() : null);
  }
}
