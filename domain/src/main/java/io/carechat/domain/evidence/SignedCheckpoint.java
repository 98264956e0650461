package io.carechat.domain.evidence;

import io.carechat.domain.chat.TenantInstance;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A checkpoint with the signature of the installation, as a signed note of C2SP ({@code
 * c2sp.org/signed-note}): the text, an empty line, and a line with the signature. Immutable.
 */
public final class SignedCheckpoint {
  private static final int HINT_LENGTH = 4;
  private static final int SIGNATURE_LENGTH = 64;
  private static final byte[] ED25519 = {1};

  private static final Pattern NOTE =
      Pattern.compile("((?:[^\n]+\n){4})\n\u2014 ([0-9a-f]{32}) ([A-Za-z0-9+/]+={0,2})\n");

  private final Checkpoint checkpoint;
  private final String keyId;
  private final byte[] hint;
  private final byte[] signature;

  private SignedCheckpoint(Checkpoint checkpoint, String keyId, byte[] hint, byte[] signature) {
    this.checkpoint = checkpoint;
    this.keyId = keyId;
    this.hint = hint;
    this.signature = signature;
  }

  /**
   * Signs a checkpoint.
   *
   * @param publicKey the key that checks the signatures of {@code key}
   */
  public static SignedCheckpoint sign(
      Checkpoint checkpoint, SigningKey key, VerifyingKey publicKey) {
    return new SignedCheckpoint(
        checkpoint, key.keyId(), hint(publicKey), key.sign(message(checkpoint)));
  }

  /**
   * Makes what stands for a stored checkpoint that cannot be read. No key has signed it.
   *
   * @param size how many rows it is said to have
   */
  public static SignedCheckpoint unreadable(TenantInstance instance, long size) {
    return new SignedCheckpoint(
        new Checkpoint(
            Checkpoint.Statement.SEALED,
            instance,
            Math.max(1, size),
            Hash.of(new byte[Hash.LENGTH]),
            Instant.EPOCH),
        "unreadable",
        new byte[HINT_LENGTH],
        new byte[SIGNATURE_LENGTH]);
  }

  /**
   * Returns a public key as a line for a verifier, in the form of C2SP: the id of the key, its
   * hint, and the key.
   */
  public static String describe(VerifyingKey key) {
    byte[] publicKey = key.publicKey();
    byte[] typed = new byte[publicKey.length + 1];
    typed[0] = ED25519[0];
    System.arraycopy(publicKey, 0, typed, 1, publicKey.length);
    return key.keyId()
        + "+"
        + HexFormat.of().formatHex(hint(key))
        + "+"
        + Base64.getEncoder().encodeToString(typed);
  }

  /** The first bytes of the hash that a signed note has in front of its signature. */
  private static byte[] hint(VerifyingKey key) {
    byte[] name = (key.keyId() + "\n").getBytes(StandardCharsets.US_ASCII);
    return Arrays.copyOf(Hash.sha256(name, ED25519, key.publicKey()).bytes(), HINT_LENGTH);
  }

  private static byte[] message(Checkpoint checkpoint) {
    return checkpoint.text().getBytes(StandardCharsets.UTF_8);
  }

  /** Reads a note. The result is empty if it is not one of a checkpoint with one signature. */
  public static Optional<SignedCheckpoint> parse(String note) {
    Matcher matcher = NOTE.matcher(note);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    byte[] signed;
    try {
      signed = Base64.getDecoder().decode(matcher.group(3));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    if (signed.length != HINT_LENGTH + SIGNATURE_LENGTH) {
      return Optional.empty();
    }
    return Checkpoint.parse(matcher.group(1))
        .map(checkpoint ->
            new SignedCheckpoint(
                checkpoint,
                matcher.group(2),
                Arrays.copyOf(signed, HINT_LENGTH),
                Arrays.copyOfRange(signed, HINT_LENGTH, signed.length)))
        // Base64 can be written in several ways. Only one of them is a note.
        .filter(read -> read.note().equals(note));
  }

  /** Returns what was signed. It is true only if {@link #isSignedBy}. */
  public Checkpoint checkpoint() {
    return checkpoint;
  }

  /** Returns the id of the key that the note names. */
  public String keyId() {
    return keyId;
  }

  /** Returns whether one of these keys has signed the checkpoint. */
  public boolean isSignedBy(VerifyingKeys keys) {
    return keys.find(keyId)
        .filter(key -> Arrays.equals(hint(key), hint))
        .filter(key -> key.verifies(message(checkpoint), signature))
        .isPresent();
  }

  /** Returns the note. It ends with a line break. */
  public String note() {
    byte[] signed = Arrays.copyOf(hint, HINT_LENGTH + SIGNATURE_LENGTH);
    System.arraycopy(signature, 0, signed, HINT_LENGTH, SIGNATURE_LENGTH);
    return checkpoint.text()
        + "\n\u2014 "
        + keyId
        + " "
        + Base64.getEncoder().encodeToString(signed)
        + "\n";
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SignedCheckpoint signed && note().equals(signed.note());
  }

  @Override
  public int hashCode() {
    return note().hashCode();
  }

  @Override
  public String toString() {
    return checkpoint.origin() + " with " + checkpoint.size() + " rows, signed by " + keyId;
  }
}
