package io.carechat.rest.connections;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts the memory that exchanges hold from the headers of a request until the last byte of its
 * response was taken. A caller decides how long that is: it may send its body slowly, or read
 * nothing. So there is a bound for all exchanges together, and a share of it for each owner. That
 * is the address of a caller. Once the caller has shown a valid credential, it is the credential
 * and its instance instead.
 *
 * <p>One exchange may exceed a share if its owner has no other one. Otherwise a small heap would
 * refuse large pages to everybody. Safe for use by many threads.
 */
public final class ExchangeMemory {
  /** What an exchange takes without its bodies: a thread, the headers and objects, in bytes. */
  public static final int BASE = 16_384;

  private final long max;
  private final Map<Owner, Long> byOwner = new HashMap<>();
  private long used;

  /**
   * @param max the bound for all exchanges together, in bytes
   */
  public ExchangeMemory(long max) {
    this.max = max;
  }

  /**
   * Someone who has a share.
   *
   * @param kind decides the size of the share
   * @param id tells owners of one kind apart
   */
  record Owner(Kind kind, String id) {
    enum Kind {
      ADDRESS(4),
      CREDENTIAL(4),
      PATIENT(128),
      INSTANCE(2);

      private final int part;

      Kind(int part) {
        this.part = part;
      }
    }
  }

  /** Returns whether more than half of the memory is in use. */
  synchronized boolean isScarce() {
    return used > max / 2;
  }

  /** Returns how many bytes are in use. */
  synchronized long used() {
    return used;
  }

  /** Makes a reservation of nothing, without owners. */
  Reservation reservation() {
    return new Reservation();
  }

  /** What one exchange holds. It must be closed at the end of the exchange. */
  final class Reservation implements AutoCloseable {
    private final List<Owner> owners = new ArrayList<>(3);
    private long bytes;

    private Reservation() {}

    /**
     * Counts what is reserved, now and later, for these owners instead of those before.
     *
     * @return false if one of their shares is not large enough; then nothing changes
     */
    boolean count(List<Owner> newOwners) {
      synchronized (ExchangeMemory.this) {
        List<Owner> before = List.copyOf(owners);
        long held = bytes;
        clear();
        owners.clear();
        owners.addAll(newOwners);
        if (add(held)) {
          return true;
        }
        owners.clear();
        owners.addAll(before);
        // This much fitted a moment ago.
        boolean _ = add(held);
        return false;
      }
    }

    /** Reserves more, unless that exceeds a share or the bound for all. */
    boolean add(long more) {
      synchronized (ExchangeMemory.this) {
        if (used + more > max && used > bytes) {
          return false;
        }
        for (Owner owner : owners) {
          if (!fits(owner, more, bytes)) {
            return false;
          }
        }
        bytes += more;
        used += more;
        owners.forEach(owner -> byOwner.merge(owner, more, Long::sum));
        return true;
      }
    }

    private boolean fits(Owner owner, long more, long own) {
      long reserved = byOwner.getOrDefault(owner, 0L);
      return more == 0 || reserved + more <= max / owner.kind().part || reserved == own;
    }

    /** Releases what is reserved now. More can be reserved later, for the same owners. */
    void clear() {
      synchronized (ExchangeMemory.this) {
        long released = bytes;
        used -= released;
        for (Owner owner : owners) {
          byOwner.computeIfPresent(
              owner, (_, reserved) -> reserved == released ? null : reserved - released);
        }
        bytes = 0;
      }
    }

    /** Releases everything. A second call does nothing. */
    @Override
    public void close() {
      synchronized (ExchangeMemory.this) {
        clear();
        owners.clear();
      }
    }
  }
}
