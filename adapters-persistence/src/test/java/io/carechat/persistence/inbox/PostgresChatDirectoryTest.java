package io.carechat.persistence.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.inbox.ChatDirectoryContract;
import io.carechat.persistence.StorageTest;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;

final class PostgresChatDirectoryTest extends StorageTest implements ChatDirectoryContract {
  /** Otherwise lists of unread chats would look at chats in vain, or miss some. */
  @AfterEach
  void noChatIsNotedWrongly() throws SQLException {
    assertThat(NotedUnread.wrong(database)).isZero();
  }
}
