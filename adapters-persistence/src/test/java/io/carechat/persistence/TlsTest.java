package io.carechat.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Unavailable;
import io.carechat.local.LocalCertificates;
import io.carechat.local.LocalPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A PostgreSQL that speaks TLS only, with a certificate of an authority of the operator's own. */
final class TlsTest {
  private static final String NOT_ENCRYPTED =
      "select count(*) from pg_stat_ssl natural join pg_stat_activity"
          + " where usename = 'service' and not ssl";

  private static final String ENCRYPTED = NOT_ENCRYPTED.replace("not ssl", "ssl");

  @Test
  void connectsToAServerThatItsAuthorityHasCertifiedAndToNoOther(@TempDir Path folder)
      throws Exception {
    var own = new LocalCertificates(folder, "own-ca");
    var other = new LocalCertificates(folder, "other-ca");
    LocalCertificates.Issued issued = own.issue("postgres", "EC", "-1d", 30);
    Path data = Files.createDirectory(folder.resolve("data"));
    try (LocalPostgres postgres =
        LocalPostgres.start(
            data,
            new LocalPostgres.Settings(
                0,
                Map.of(
                    "ssl", "on",
                    "ssl_cert_file", issued.certificate().toString(),
                    "ssl_key_file", issued.privateKey().toString())),
            line -> {})) {
      PostgresStorage.Settings trusting = settings(postgres, own.authority());
      PostgresStorage.prepare(
          options(postgres.jdbcUrl("postgres"), own.authority()),
          postgres.superuser(),
          postgres.password(),
          trusting);
      var heard = new CountDownLatch(1);
      try (PostgresStorage storage =
          PostgresStorage.openNode(trusting, InstantSource.system(), "node", heard::countDown)) {
        Samples.stored(storage.messages(), Samples.newChat(), "over TLS");
        assertThat(heard.await(60, TimeUnit.SECONDS)).isTrue();
        try (Connection superuser =
            DriverManager.getConnection(
                trusting.jdbcUrl(), postgres.superuser(), postgres.password())) {
          assertThat(TestDatabase.number(superuser, ENCRYPTED)).isGreaterThan(10);
          assertThat(TestDatabase.number(superuser, NOT_ENCRYPTED)).isZero();
        }
      }
      assertThatThrownBy(() ->
              PostgresStorage.open(
                      settings(postgres, other.authority()),
                      new ManualClock(Samples.NOON),
                      () -> {})
                  .close())
          .isInstanceOf(Unavailable.class);
    }
  }

  private static PostgresStorage.Settings settings(LocalPostgres postgres, Path authority) {
    return new PostgresStorage.Settings(
        options(postgres.jdbcUrl("tls"), authority), "service", new Secret("a password"), 4);
  }

  private static String options(String url, Path authority) {
    return url + (url.contains("?") ? "&" : "?") + "sslmode=verify-full&sslrootcert=" + authority;
  }
}
