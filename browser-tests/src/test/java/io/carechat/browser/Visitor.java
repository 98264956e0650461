package io.carechat.browser;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.AxeResults;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.Cookie;
import com.microsoft.playwright.options.ReducedMotion;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A person with a browser of their own. */
final class Visitor implements AutoCloseable {
  /** Somebody who can sign in at the demonstration's issuer. */
  enum Person {
    NURSE,
    DOCTOR,
    PATIENT
  }

  /** What a browser is like. */
  record Screen(int width, int height, ColorScheme colors, String language) {
    static final Screen DESK = new Screen(1280, 800, ColorScheme.LIGHT, "en-GB");
    static final Screen PHONE = new Screen(390, 844, ColorScheme.LIGHT, "en-GB");

    Screen dark() {
      return new Screen(width, height, ColorScheme.DARK, language);
    }

    Screen in(String otherLanguage) {
      return new Screen(width, height, colors, otherLanguage);
    }
  }

  private final RunningDemo demo = RunningDemo.get();
  private final BrowserContext context;
  private final List<String> faults = new ArrayList<>();
  final Page page;

  Visitor() {
    this(Screen.DESK);
  }

  Visitor(Screen screen) {
    context =
        Chromium.get()
            .newContext(
                new Browser.NewContextOptions()
                    .setViewportSize(screen.width(), screen.height())
                    .setColorScheme(screen.colors())
                    .setHasTouch(screen.width() < 400)
                    .setIsMobile(screen.width() < 400)
                    .setLocale(screen.language())
                    .setReducedMotion(ReducedMotion.REDUCE)
                    .setTimezoneId("Europe/Berlin"));
    page = newTab();
  }

  /** Opens another tab of the same browser. */
  Page newTab() {
    Page tab = context.newPage();
    tab.setDefaultTimeout(30_000);
    tab.onPageError(faults::add);
    return tab;
  }

  BrowserContext context() {
    return context;
  }

  /** Takes over the session of another visitor, as a thief of its cookie could. */
  Visitor withSessionOf(Visitor other) {
    // A cookie belongs to a host, whatever the port. One that needs TLS is set as if by TLS.
    String host = "https://" + java.net.URI.create(url("")).getHost() + "/";
    context.addCookies(
        other.context.cookies().stream()
            .map(cookie ->
                new Cookie(cookie.name, cookie.value)
                    .setUrl(host)
                    .setSecure(true)
                    .setHttpOnly(true))
            .toList());
    return this;
  }

  /** Returns the address of a page of the service. */
  String url(String path) {
    return demo.variable("CARECHAT_INBOX_URL") + path;
  }

  /** Opens the inbox, which leads on to the issuer, and signs in there by one click. */
  Visitor signIn(Person person) {
    return signIn(person, "");
  }

  /** Opens a page of the instance, and signs in. */
  Visitor signIn(Person person, String path) {
    Object _ = page.navigate(url(path));
    if (path.contains("/patients/")) {
      page.locator("#sign-in").click();
    }
    page.locator("button[value=" + person.name().toLowerCase(java.util.Locale.ROOT) + "]").click();
    page.locator("#main").waitFor();
    return this;
  }

  /** Opens a page of the instance. */
  Visitor open(String path) {
    Object _ = page.navigate(url(path));
    return this;
  }

  Locator find(String selector) {
    return page.locator(selector);
  }

  /** Returns the messages of the conversation with this text. */
  Locator messages(String text) {
    return page.locator("[data-testid=message-text]")
        .filter(new Locator.FilterOptions().setHasText(text));
  }

  /** Writes a message and sends it. */
  Visitor write(String text) {
    page.locator("#composer-text").fill(text);
    page.locator("#composer-send").click();
    return this;
  }

  /** Returns what axe finds wrong with the page, one text for each finding. */
  List<String> accessibilityFindings() {
    AxeResults results = new AxeBuilder(page).analyze();
    return results.getViolations().stream()
        .map(rule ->
            rule.getId()
                + ": "
                + rule.getNodes().stream()
                    .map(node -> node.getHtml() + " (" + node.getFailureSummary() + ")")
                    .collect(Collectors.joining("; ")))
        .toList();
  }

  /** Makes a picture of what is seen. */
  void picture(String name) {
    byte[] _ =
        page.screenshot(
            new Page.ScreenshotOptions().setPath(Chromium.pictures().resolve(name + ".png")));
  }

  /** Returns errors of scripts, if there were any. */
  List<String> scriptErrors() {
    return faults;
  }

  @Override
  public void close() {
    context.close();
  }
}
