package io.carechat.domain.search;

import io.carechat.domain.chat.ChatId;
import java.util.Optional;

/**
 * Remembers the words of chats that were searched a short time ago. It is a cache: it may forget
 * everything at any time. It must not keep the words of a chat that nobody has searched for ten
 * minutes. Safe for use by many threads.
 */
public interface ChatWordsCache {
  /** Remembers nothing. */
  ChatWordsCache NONE =
      new ChatWordsCache() {
        @Override
        public Optional<ChatWords> get(ChatId chat) {
          return Optional.empty();
        }

        @Override
        public void put(ChatId chat, ChatWords words) {}
      };

  /** Returns what is remembered of a chat. */
  Optional<ChatWords> get(ChatId chat);

  /** Replaces what is remembered of a chat. */
  void put(ChatId chat, ChatWords words);
}
