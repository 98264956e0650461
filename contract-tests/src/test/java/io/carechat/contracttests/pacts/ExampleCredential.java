package io.carechat.contracttests.pacts;

/** What the example of a credential in a pact stands for, when the pact is verified. */
sealed interface ExampleCredential {
  /** One that covers the request. */
  record Good() implements ExampleCredential {}

  /** One that has expired. */
  record Expired() implements ExampleCredential {}

  /** One of another patient; an API key of another instance. */
  record OfAnother() implements ExampleCredential {}

  /** One that covers the request but for a scope. */
  record Without(String scope) implements ExampleCredential {}
}
