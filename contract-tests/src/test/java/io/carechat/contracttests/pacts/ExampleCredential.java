package io.carechat.contracttests.pacts;

/** What the example of a credential in a pact stands for, when the pact is verified. */
sealed interface ExampleCredential {
  /** A credential that covers the request. */
  record Good() implements ExampleCredential {}

  /** A credential that has expired. */
  record Expired() implements ExampleCredential {}

  /** A token of another patient, or an API key of another instance. */
  record OfAnother() implements ExampleCredential {}

  /** A credential that covers the request, except for one scope. */
  record Without(String scope) implements ExampleCredential {}
}
