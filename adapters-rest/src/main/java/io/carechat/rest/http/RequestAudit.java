package io.carechat.rest.http;

import io.carechat.api.runtime.Operation;
import io.carechat.domain.access.Caller;
import io.carechat.domain.audit.AuditEntry;
import io.carechat.domain.audit.Disclosure;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.helidon.common.parameters.Parameters;
import io.helidon.webserver.http.ServerRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the audit will say about one request. Its entry is stored before the first byte of the
 * response is sent. If it cannot be stored, the response is not sent, but a 503 instead.
 *
 * <p>As long as no credential is known, nothing is stored. For use by the thread that serves the
 * request.
 */
public final class RequestAudit {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
  private static final int CREATED = 201;
  private static final Pattern PARAMETER = Pattern.compile("\\{(\\w+)}");
  private static final List<String> OF_CHATS = List.of("tenantName", "instanceName", "patientId");

  /** By the id of the operation: the parameters of its path that are ids of other things. */
  private static final Map<String, List<String>> ID_PARAMETERS = new ConcurrentHashMap<>();

  /**
   * What a request is about.
   *
   * @param patient null if the request names no patient of the caller's instance
   */
  record Target(String address, String operation, @Nullable PatientId patient, String requestId) {}

  /**
   * How a request ends.
   *
   * @param problem the code of the problem; null if the request is not refused
   */
  record Outcome(int status, @Nullable String problem, Disclosure shown) {}

  private final AuditRecorder recorder;
  private final String requestId;
  private final String address;
  private @Nullable Caller caller;
  private @Nullable Target target;
  private List<String> pathIds = List.of();
  private @Nullable String queryHash;

  /** The status that was recorded; 0 if there is none. */
  private int recorded;

  private boolean failed;

  RequestAudit(AuditRecorder recorder, String requestId, String address) {
    this.recorder = recorder;
    this.requestId = requestId;
    this.address = address;
  }

  /** Returns the audit of the request that this thread serves. */
  public static RequestAudit current() {
    return Problems.CURRENT.get().audit();
  }

  /** Notes whose request it is. From now on it has an entry. */
  public void identify(Caller known, ServerRequest request) {
    Operation operation =
        request
            .context()
            .get(Operation.class)
            .orElseThrow(() -> new IllegalStateException("a route without an operation"));
    Parameters path = request.path().pathParameters();
    caller = known;
    boolean own = isOf(known.instance(), path);
    target =
        new Target(
            address,
            operation.id(),
            own && path.contains("patientId")
                ? PatientId.parse(path.get("patientId")).orElse(null)
                : null,
            requestId);
    pathIds = own ? ids(operation, path) : List.of();
  }

  private static boolean isOf(TenantInstance instance, Parameters path) {
    return path.contains("tenantName")
        && path.contains("instanceName")
        && path.get("tenantName").equals(instance.tenantName())
        && path.get("instanceName").equals(instance.instanceName());
  }

  private static List<String> ids(Operation operation, Parameters path) {
    List<String> names =
        ID_PARAMETERS.computeIfAbsent(
            operation.id(),
            _ ->
                PARAMETER
                    .matcher(operation.route())
                    .results()
                    .map(found -> found.group(1))
                    .filter(name -> !OF_CHATS.contains(name))
                    .toList());
    if (names.isEmpty()) {
      return names;
    }
    var ids = new ArrayList<String>();
    for (String name : names) {
      String id = path.get(name);
      if (Disclosure.isId(id)) {
        ids.add(id);
      }
    }
    return ids;
  }

  /** Notes the query of a search. Only a keyed hash of it is kept. */
  public void queried(String query) {
    if (caller != null) {
      queryHash = recorder.hash(caller.instance(), query);
    }
  }

  /** Returns whether the request is a search. */
  public boolean isSearch() {
    return queryHash != null;
  }

  /**
   * Records how the request ends. When this returns, the response may be sent.
   *
   * @param status the status of the response
   * @param problem the code of the problem; null if the request is not refused
   * @param shown what the response shows; without ids, those of the path are recorded
   * @throws Unavailable if that could not be stored, so that the response must not be sent
   */
  public void record(int status, @Nullable String problem, Disclosure shown) {
    Caller by = caller;
    Target about = target;
    if (by == null || about == null || failed || recorded == status) {
      return;
    }
    Disclosure all = shown.ids().isEmpty() ? shown.withIds(pathIds) : shown;
    failed = true;
    try {
      recorder.record(
          by,
          about,
          new Outcome(status, problem, queryHash == null ? all : all.withQueryHash(queryHash)));
    } catch (Unavailable e) {
      throw e;
    } catch (RuntimeException e) {
      // Whatever it is: without an entry there is no answer.
      ErrorLog.unexpected(e, requestId);
      throw new Unavailable("the audit could not be stored", RETRY_AFTER, e);
    }
    failed = false;
    recorded = status;
  }

  /**
   * Returns the entry that says that the request has made something. It is for an operation that
   * stores it in the transaction that makes the thing. The operation then calls {@link #noteMade}.
   *
   * @param id the id of what is made
   * @return null if no credential is known
   */
  public @Nullable AuditEntry ofMade(String id) {
    Caller by = caller;
    Target about = target;
    return by == null || about == null
        ? null
        : recorder.entry(
            by, about, new Outcome(CREATED, null, Disclosure.NOTHING.withIds(List.of(id))));
  }

  /** Notes that the entry of {@link #ofMade} is committed. */
  public void noteMade() {
    recorded = CREATED;
  }

  /**
   * Records a response that is about to be sent, unless that was done before. So no response can be
   * forgotten.
   */
  void beforeSend(int status) {
    if (recorded == 0) {
      record(status, null, Disclosure.NOTHING);
    }
  }
}
