package io.carechat.persistence.figures;

/**
 * What waits in the database, as of one moment. Counts end at {@link #MOST}, because counting takes
 * time.
 *
 * @param eventsToIndex events that are not in the search index
 * @param eventsToPlan events of which no deliveries were planned
 * @param lanes chats and endpoints with deliveries that wait, those of disabled endpoints left out
 * @param overdueMillis for how many milliseconds the most overdue delivery has been due; 0 if none
 *     is
 * @param disabledEndpoints webhook endpoints that are disabled
 * @param failingEndpoints webhook endpoints whose last attempt failed
 * @param epoch the number of the event log's epoch; 0 before the first restore
 */
public record Backlog(
    long eventsToIndex,
    long eventsToPlan,
    long lanes,
    long overdueMillis,
    long disabledEndpoints,
    long failingEndpoints,
    int epoch) {
  /** Counts end here. */
  public static final int MOST = 100_000;
}
