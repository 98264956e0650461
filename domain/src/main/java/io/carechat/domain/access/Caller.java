package io.carechat.domain.access;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TenantInstance;
import java.util.Set;

/** The person or system that a credential stands for. */
public sealed interface Caller {
  /**
   * Returns the id of the credential. It is not secret and may be logged: it does not contain the
   * id of a patient or of a member of the care team. It is the same for all tokens of one user,
   * until the service is started again with another key for these ids.
   */
  String credentialId();

  /** Returns the only instance that the credential is valid for. */
  TenantInstance instance();

  /** Returns what the credential allows in its instance. */
  Set<Scope> scopes();

  /**
   * Returns whether the caller may use a scope in a chat. The result does not depend on whether the
   * chat exists.
   */
  boolean may(Scope scope, ChatId chat);

  /** Returns whether the caller may use a scope in an instance and all of its chats. */
  boolean may(Scope scope, TenantInstance whole);

  /**
   * Checks that the caller may use a scope in a chat.
   *
   * @throws AccessDenied if the caller may not
   */
  default void require(Scope scope, ChatId chat) {
    if (!may(scope, chat)) {
      throw new AccessDenied(scope);
    }
  }

  /**
   * Checks that the caller may use a scope in an instance and all of its chats.
   *
   * @throws AccessDenied if the caller may not
   */
  default void require(Scope scope, TenantInstance whole) {
    if (!may(scope, whole)) {
      throw new AccessDenied(scope);
    }
  }

  /** The server of a partner. It acts for any patient of the instance. */
  record Partner(String credentialId, TenantInstance instance, Set<Scope> scopes)
      implements Caller {
    /** Copies the scopes. */
    public Partner {
      scopes = Set.copyOf(scopes);
    }

    @Override
    public boolean may(Scope scope, ChatId chat) {
      return scopes.contains(scope) && instance.equals(chat.instance());
    }

    @Override
    public boolean may(Scope scope, TenantInstance whole) {
      return scopes.contains(scope) && instance.equals(whole);
    }
  }

  /**
   * A patient. A patient acts only in the patient's own chat.
   *
   * @param patient the id of the patient
   */
  record PatientUser(
      String credentialId, TenantInstance instance, Set<Scope> scopes, PatientId patient)
      implements Caller {
    /** Copies the scopes. */
    public PatientUser {
      scopes = Set.copyOf(scopes);
    }

    @Override
    public boolean may(Scope scope, ChatId chat) {
      return scopes.contains(scope)
          && instance.equals(chat.instance())
          && patient.equals(chat.patient());
    }

    /**
     * Always returns false. A single patient may do nothing that concerns all chats, whatever the
     * scopes are.
     */
    @Override
    public boolean may(Scope scope, TenantInstance whole) {
      return false;
    }
  }

  /**
   * A member of the care team who is signed in to an application of the provider. The member may
   * read every chat of the instance and sends under the member's own name.
   *
   * @param member the sender of the messages that this caller sends
   */
  record CareTeamUser(
      String credentialId, TenantInstance instance, Set<Scope> scopes, Sender.CareTeamMember member)
      implements Caller {
    /** Copies the scopes. */
    public CareTeamUser {
      scopes = Set.copyOf(scopes);
    }

    @Override
    public boolean may(Scope scope, ChatId chat) {
      return scopes.contains(scope) && instance.equals(chat.instance());
    }

    @Override
    public boolean may(Scope scope, TenantInstance whole) {
      return scopes.contains(scope) && instance.equals(whole);
    }
  }
}
