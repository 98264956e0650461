package io.carechat.domain;

import java.time.Instant;

/**
 * A place and a direction from there: in a chat, in the hits of a search, or in a list of chats. It
 * grants nothing: the path and the credential say what may be read.
 *
 * <p>In a chat the border's time names one place, because {@link Message#createdAt} is strictly
 * increasing within a chat. Across chats it takes an id beside the time.
 */
public sealed interface PageToken {
  /** The earliest border that can be printed in the contract's format. */
  Instant EARLIEST = Instant.parse("0000-01-01T00:00:00.000Z");

  /** The latest border that can be printed in the contract's format. */
  Instant LATEST = Instant.parse("9999-12-31T23:59:59.999Z");

  /** The size of the pages it leads to, unless the caller asks for another. */
  PageSize pageSize();

  /** The place, exclusive, in whole milliseconds, from {@link #EARLIEST} to {@link #LATEST}. */
  Instant borderDate();

  /** True for what is older than the border, false for what is newer. */
  boolean before();

  /** Leads to messages of the chat ({@code LOCAL_FIND}). */
  record Find(PageSize pageSize, Instant borderDate, boolean before) implements PageToken {
    /**
     * @throws IllegalArgumentException if the border is out of bounds
     */
    public Find {
      requirePrintable(borderDate);
    }

    /** The part of the chat that it leads to. */
    public Window window() {
      return before ? new Window.Before(borderDate) : new Window.After(borderDate);
    }
  }

  /** Leads to hits of a search in the chat ({@code LOCAL_SEARCH}). */
  record Search(PageSize pageSize, Instant borderDate, String query, boolean before)
      implements PageToken {
    /**
     * @throws IllegalArgumentException if the border is out of bounds, or the query no query
     */
    public Search {
      requirePrintable(borderDate);
      SearchQuery.parse(query);
    }

    /** The part of the chat that it leads to. */
    public Window window() {
      return before ? new Window.Before(borderDate) : new Window.After(borderDate);
    }

    /** Says nothing of the query. */
    @Override
    public String toString() {
      return "Search[pageSize="
          + pageSize
          + ", borderDate="
          + borderDate
          + ", before="
          + before
          + "]";
    }
  }

  /**
   * Leads to hits of a search in all chats of an instance ({@code INSTANCE_SEARCH}).
   *
   * @param borderId tells apart what has the border's time
   */
  record InstanceSearch(
      PageSize pageSize, Instant borderDate, ExternalId borderId, String query, boolean before)
      implements PageToken {
    /**
     * @throws IllegalArgumentException if the border is out of bounds, or the query no query
     */
    public InstanceSearch {
      requirePrintable(borderDate);
      SearchQuery.parse(query);
    }

    /** Leads to the border, or to the nearest that can be printed. */
    static InstanceSearch clamped(
        PageSize pageSize, TimeAndId border, String query, boolean before) {
      TimeAndId printable = border;
      if (border.createdAt().isBefore(EARLIEST)) {
        printable = TimeAndId.startOf(EARLIEST);
      } else if (border.createdAt().isAfter(LATEST)) {
        printable = TimeAndId.startOf(LATEST.plusMillis(1)).previous();
      }
      return new InstanceSearch(pageSize, printable.createdAt(), printable.id(), query, before);
    }

    /** The part of the instance's messages that it leads to. */
    public InstanceWindow window() {
      var border = new TimeAndId(borderDate, borderId);
      return before ? new InstanceWindow.Before(border) : new InstanceWindow.After(border);
    }

    /** Says nothing of the query. */
    @Override
    public String toString() {
      return "InstanceSearch[pageSize="
          + pageSize
          + ", borderDate="
          + borderDate
          + ", borderId="
          + borderId
          + ", before="
          + before
          + "]";
    }
  }

  /**
   * Leads to chats of an instance ({@code CHATS}).
   *
   * @param borderDate the time of the newest message of the chat at the border
   * @param borderId its patient, who tells apart chats with newest messages of one time
   */
  record Chats(PageSize pageSize, Instant borderDate, PatientId borderId, boolean before)
      implements PageToken {
    /**
     * @throws IllegalArgumentException if the border is out of bounds
     */
    public Chats {
      requirePrintable(borderDate);
    }

    /** The part of the instance's chats that it leads to. */
    public ChatWindow window() {
      var border = new ChatPlace(borderDate, borderId);
      return before ? new ChatWindow.Before(border) : new ChatWindow.After(border);
    }
  }

  private static void requirePrintable(Instant border) {
    if (border.isBefore(EARLIEST) || border.isAfter(LATEST)) {
      throw new IllegalArgumentException("borderDate must be from " + EARLIEST + " to " + LATEST);
    }
  }
}
