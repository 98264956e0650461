package io.carechat.search;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.search.ChatWords;
import io.carechat.domain.search.ChatWordsCache;
import java.time.Duration;
import java.util.Optional;

/**
 * Remembers the words of chats in memory, up to a number of bytes of all chats together. Safe for
 * use by many threads.
 */
public final class RecentChatWords implements ChatWordsCache {
  private static final Duration UNUSED = Duration.ofMinutes(10);

  /** What a chat needs besides its words, in bytes, about. */
  private static final int CHAT = 500;

  private final Cache<ChatId, ChatWords> chats;

  /**
   * @param maxBytes how much memory all chats together may take
   */
  public RecentChatWords(long maxBytes) {
    this.chats =
        Caffeine.newBuilder()
            .expireAfterAccess(UNUSED)
            .maximumWeight(maxBytes)
            .<ChatId, ChatWords>weigher((chat, words) -> CHAT + bytes(words))
            .build();
  }

  private static int bytes(ChatWords words) {
    return switch (words) {
      case ChatWords.Known known -> known.words().bytes();
      case ChatWords.NotRead notRead -> 0;
      case ChatWords.TooMany tooMany -> 0;
    };
  }

  @Override
  public Optional<ChatWords> get(ChatId chat) {
    return Optional.ofNullable(chats.getIfPresent(chat));
  }

  @Override
  public void put(ChatId chat, ChatWords words) {
    chats.put(chat, words);
  }
}
