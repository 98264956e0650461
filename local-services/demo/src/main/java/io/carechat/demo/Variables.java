package io.carechat.demo;

/** The names of the variables in {@code demo.env} that scenarios use. */
final class Variables {
  static final String SANDBOX_BASE = "CARECHAT_SANDBOX_BASE";
  static final String LIMITED_BASE = "CARECHAT_LIMITED_BASE";
  static final String EXPIRED_API_KEY = "CARECHAT_EXPIRED_API_KEY";
  static final String READ_ONLY_API_KEY = "CARECHAT_READ_ONLY_API_KEY";
  static final String EXPIRED_PATIENT_TOKEN = "CARECHAT_EXPIRED_PATIENT_TOKEN";

  private Variables() {}
}
