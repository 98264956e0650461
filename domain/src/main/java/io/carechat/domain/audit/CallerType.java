package io.carechat.domain.audit;

import io.carechat.domain.access.Caller;

/** The kind of caller that a credential stands for. The names are those of the contract. */
public enum CallerType {
  /** The server of a partner, with an API key. */
  PARTNER,
  /** A patient. */
  PATIENT,
  /** A member of the care team. */
  CARE_TEAM;

  /** Returns the kind of a caller. */
  public static CallerType of(Caller caller) {
    return switch (caller) {
      case Caller.Partner _ -> PARTNER;
      case Caller.PatientUser _ -> PATIENT;
      case Caller.CareTeamUser _ -> CARE_TEAM;
    };
  }

  /**
   * Returns the unique user (45 CFR 164.312(a)(2)(i)): the id of the patient, of the member of the
   * care team, or of the API key.
   */
  public static String subjectOf(Caller caller) {
    return switch (caller) {
      case Caller.Partner partner -> partner.credentialId();
      case Caller.PatientUser patient -> patient.patient().toString();
      case Caller.CareTeamUser user -> user.member().id().toString();
    };
  }
}
