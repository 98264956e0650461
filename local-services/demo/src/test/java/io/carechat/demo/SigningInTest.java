package io.carechat.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.bootstrap.Carechat;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.sessions.IdentityProviders;
import io.carechat.local.SharedServices;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The service of the demonstration knows the people who sign in at its issuer. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SigningInTest {
  private static final TenantInstance INSTANCE = new TenantInstance("test-den", "chat2");

  private final Closeables parts = new Closeables();
  private final HttpClient browser = HttpClient.newHttpClient();
  private Installation installation;
  private IdentityProviders providers;

  @BeforeAll
  void start(@TempDir Path folder) {
    installation =
        Installation.start(
            new Installation.Options(0, folder, Optional.empty(), 60_000),
            SharedServices.postgres(),
            // Nothing listens there.
            URI.create("http://127.0.0.1:9"),
            new PrintStream(new ByteArrayOutputStream(), true, UTF_8),
            parts);
    providers = Carechat.identityProviders(installation.settings(), InstantSource.system());
  }

  @AfterAll
  void stop() {
    parts.close();
    browser.close();
  }

  private Caller signIn(String person) throws Exception {
    IdentityProviders.Begun begun = providers.begin(INSTANCE).orElseThrow();
    HttpResponse<String> page =
        browser.send(HttpRequest.newBuilder(begun.location()).build(), BodyHandlers.ofString());
    assertThat(page.statusCode()).isEqualTo(200);
    HttpResponse<String> chosen =
        browser.send(
            HttpRequest.newBuilder(begun.location())
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("person=" + person))
                .build(),
            BodyHandlers.ofString());
    URI back = URI.create(chosen.headers().firstValue("Location").orElseThrow());
    assertThat(back.toString())
        .startsWith(installation.settings().publicUrl() + "/session/callback?");
    return providers.finish(begun.pending(), back.getRawQuery()).orElseThrow();
  }

  @Test
  void membersOfTheCareTeamSignIn() throws Exception {
    Caller nurse = signIn("nurse");
    Caller doctor = signIn("doctor");

    assertThat(nurse)
        .isEqualTo(
            new Caller.CareTeamUser(
                nurse.credentialId(),
                INSTANCE,
                Set.of(Scope.READ_MESSAGES, Scope.SEND_MESSAGES, Scope.SEARCH_INSTANCE),
                new Sender.CareTeamMember(
                    UUID.fromString("444f1f18-9a80-4803-b926-7beec63618c2"), "Nurse")));
    assertThat(doctor)
        .isEqualTo(
            new Caller.CareTeamUser(
                doctor.credentialId(),
                INSTANCE,
                Set.of(
                    Scope.READ_MESSAGES,
                    Scope.SEND_MESSAGES,
                    Scope.SEARCH_INSTANCE,
                    Scope.MANAGE_WEBHOOKS),
                new Sender.CareTeamMember(
                    UUID.fromString("bf3069a6-0fc3-4cef-ae39-6f0a9cb95867"), "Dr.")));
    assertThat(nurse.credentialId()).isNotEqualTo(doctor.credentialId());
  }

  @Test
  void thePatientSignsIn() throws Exception {
    Caller patient = signIn("patient");

    assertThat(patient)
        .isEqualTo(
            new Caller.PatientUser(
                patient.credentialId(),
                INSTANCE,
                Set.of(Scope.READ_MESSAGES, Scope.SEND_MESSAGES),
                PatientId.parse(variable("CARECHAT_PATIENT_ID")).orElseThrow()));
  }

  /** The people of the conversation are those who sign in. */
  @Test
  void theMembersTakePartInTheConversationOfThePatient() {
    Set<UUID> members =
        Conversation.all(Instant.now()).stream()
            .filter(each -> each.patient().toString().equals(DemoPerson.PATIENT.id()))
            .flatMap(each -> each.lines().stream())
            .map(line -> line.sender().id())
            .collect(Collectors.toSet());

    for (DemoPerson person : DemoPerson.values()) {
      assertThat(members).contains(UUID.fromString(person.id()));
    }
  }

  @Test
  void theBearerTokensOfTheSameIssuerAreValidToo() throws Exception {
    var credentials = Carechat.credentials(installation.settings(), InstantSource.system());

    Caller byToken =
        credentials.ofBearerToken(new Secret(variable("CARECHAT_PATIENT_TOKEN"))).orElseThrow();

    assertThat(byToken).isInstanceOf(Caller.PatientUser.class);
    assertThat(byToken.scopes()).isEqualTo(signIn("patient").scopes());
    assertThat(credentials.ofBearerToken(new Secret(variable("CARECHAT_EXPIRED_PATIENT_TOKEN"))))
        .isEmpty();
  }

  @Test
  void nobodySignsInForAnotherInstance() throws Exception {
    // The issuer is trusted for all instances, but its people belong to one.
    IdentityProviders.Begun begun =
        providers.begin(new TenantInstance("test-den", "chat3")).orElseThrow();
    HttpResponse<String> chosen =
        browser.send(
            HttpRequest.newBuilder(begun.location())
                .POST(BodyPublishers.ofString("person=doctor"))
                .build(),
            BodyHandlers.ofString());
    URI back = URI.create(chosen.headers().firstValue("Location").orElseThrow());

    assertThat(providers.finish(begun.pending(), back.getRawQuery())).isEmpty();
  }

  @Test
  void theInboxIsWhereTheServiceListens() {
    assertThat(variable("CARECHAT_INBOX_URL"))
        .isEqualTo("http://localhost:" + installation.port() + "/test-den/chat2");
  }

  private String variable(String name) {
    return Objects.requireNonNull(installation.variables().get(name));
  }
}
