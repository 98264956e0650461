package io.carechat.rest.console;

import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.TenantInstance;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The path of a page, below the public address: the inbox of an instance, or the conversation of a
 * patient.
 *
 * @param instance the instance
 * @param patient the patient; null for the inbox
 */
record PagePath(TenantInstance instance, @Nullable PatientId patient) {
  /** First parts of paths that mean something else. So no tenant of such a name has pages. */
  private static final Set<String> RESERVED =
      Set.of("api", "health", "problems", "console", "session", "sign-in", "docs", "metrics");

  private static final String PATIENTS = "patients";

  /** Reads a path as it is sent, without a query. The result is empty if it is not of a page. */
  static Optional<PagePath> parse(String path) {
    String[] parts = path.split("/", -1);
    boolean isInbox = parts.length == 3;
    boolean isConversation = parts.length == 5 && parts[3].equals(PATIENTS);
    if (!(isInbox || isConversation)
        || !parts[0].isEmpty()
        || RESERVED.contains(parts[1])
        || !TenantInstance.isName(parts[1])
        || !TenantInstance.isName(parts[2])) {
      return Optional.empty();
    }
    var instance = new TenantInstance(parts[1], parts[2]);
    return isInbox
        ? Optional.of(new PagePath(instance, null))
        : PatientId.parse(parts[4]).map(patient -> new PagePath(instance, patient));
  }

  /** Prints the path. It never begins with two slashes. */
  @Override
  public String toString() {
    return "/" + instance + (patient == null ? "" : "/" + PATIENTS + "/" + patient);
  }

  /**
   * A page to come back to after a sign-in.
   *
   * @param view what the page shows, as its fragment with the number sign; may be empty
   */
  record WithView(PagePath page, String view) {
    private static final Pattern VIEW = Pattern.compile("(#[A-Za-z0-9._~%=&/:+-]{0,300})?");

    /** Reads a page's path and fragment. Anything else, such as another address, is empty. */
    static Optional<WithView> parse(String text) {
      int fragment = text.indexOf('#');
      String path = fragment < 0 ? text : text.substring(0, fragment);
      String view = fragment < 0 ? "" : text.substring(fragment);
      return VIEW.matcher(view).matches()
          ? PagePath.parse(path).map(page -> new WithView(page, view))
          : Optional.empty();
    }

    /** Prints path and fragment. All characters may be in a cookie. */
    @Override
    public String toString() {
      return page + view;
    }
  }
}
