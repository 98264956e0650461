package io.carechat.persistence.messages;

import io.carechat.domain.messages.MessageLogContract;
import io.carechat.persistence.StorageTest;

final class PostgresMessageLogTest extends StorageTest
    implements MessageLogContract.Append,
        MessageLogContract.Read,
        MessageLogContract.ReadLoggedAfter,
        MessageLogContract.Find,
        MessageLogContract.AcrossChats {}
