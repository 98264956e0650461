package io.carechat.bootstrap.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.evidence.SignedCheckpoint;
import io.carechat.domain.evidence.TestKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The file of the signing key, and the lines of public keys. */
final class SigningKeyFileTest {
  private static final byte[] MESSAGE = "message".getBytes(StandardCharsets.US_ASCII);

  @TempDir private Path folder;

  private Path file(String text) throws IOException {
    Path file = folder.resolve("key.pem");
    Files.writeString(file, text);
    return file;
  }

  private static String pem(byte[] key) {
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key)
        + "\n-----END PRIVATE KEY-----\n";
  }

  /** The key of the first test of RFC 8032, as openssl would write it. */
  @Test
  void readsAKeyAndComputesItsPublicKey() throws IOException {
    byte[] encoded =
        HexFormat.of()
            .parseHex(
                "302e020100300506032b657004220420"
                    + "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    SigningKeyFile key = SigningKeyFile.read(file(pem(encoded)));
    assertThat(key.publicKey().publicKey()).isEqualTo(TestKey.ONE.publicKey());
    assertThat(key.keyId()).isEqualTo(TestKey.ONE.keyId());
    assertThat(key.sign(MESSAGE)).isEqualTo(TestKey.ONE.sign(MESSAGE));
    assertThat(key.publicKey().verifies(MESSAGE, key.sign(MESSAGE))).isTrue();
    assertThat(key.publicKey().verifies(MESSAGE, TestKey.TWO.sign(MESSAGE))).isFalse();
    assertThat(key.publicKey().verifies(MESSAGE, new byte[3])).isFalse();
  }

  @Test
  void makesAKeyThatOnlyItsOwnerMayRead() throws IOException {
    Path file = folder.resolve("new.pem");
    SigningKeyFile made = SigningKeyFile.make(file);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(SigningKeyFile.read(file).keyId()).isEqualTo(made.keyId());
    assertThatThrownBy(() -> SigningKeyFile.make(file))
        .isInstanceOf(FileAlreadyExistsException.class);
    String line = SignedCheckpoint.describe(made.publicKey());
    assertThat(PublicKeyLine.parse(line).keyId()).isEqualTo(made.keyId());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "secret",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\n*\n-----END PRIVATE KEY-----\n"
      })
  void refusesWhatIsNoKeyAndRepeatsNothingOfIt(String text) throws IOException {
    Path file = file(text);
    assertThatThrownBy(() -> SigningKeyFile.read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must have a private key of Ed25519");
  }

  @Test
  void refusesKeysOfOtherKindsAndFilesThatAreNotThere()
      throws IOException, GeneralSecurityException {
    var other = KeyPairGenerator.getInstance("X25519").generateKeyPair();
    Path file = file(pem(other.getPrivate().getEncoded()));
    assertThatThrownBy(() -> SigningKeyFile.read(file))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SigningKeyFile.read(folder.resolve("none.pem")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("does not exist");
  }

  @Test
  void refusesLinesThatWereChanged() {
    String line = SignedCheckpoint.describe(TestKey.ONE);
    assertThat(PublicKeyLine.parse(line).publicKey()).isEqualTo(TestKey.ONE.publicKey());
    for (int i = 0; i < line.length(); i++) {
      char other = line.charAt(i) == '0' ? '1' : '0';
      String changed = line.substring(0, i) + other + line.substring(i + 1);
      assertThatThrownBy(() -> PublicKeyLine.parse(changed))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> PublicKeyLine.parse("")).isInstanceOf(IllegalArgumentException.class);
  }
}
