package io.carechat.persistence.inbox;

import io.carechat.domain.inbox.ChatDirectoryContract;
import io.carechat.persistence.StorageTest;

final class PostgresChatDirectoryTest extends StorageTest implements ChatDirectoryContract {}
