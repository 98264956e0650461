package io.carechat.domain.access;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TenantInstance;
import java.util.Set;

/** Whoever a credential stands for. */
public sealed interface Caller {
  /** The id of the credential, fit for logs; not its secret. */
  String credentialId();

  /** The one instance that the credential is for. */
  TenantInstance instance();

  /** What it may do there. */
  Set<Scope> scopes();

  /** Whether it may do something in a chat; whether the chat exists makes no difference. */
  boolean may(Scope scope, ChatId chat);

  /** Whether it may do something that concerns an instance and all of its chats. */
  boolean may(Scope scope, TenantInstance whole);

  /**
   * Demands a scope in a chat.
   *
   * @throws AccessDenied if the credential does not have it there
   */
  default void require(Scope scope, ChatId chat) {
    if (!may(scope, chat)) {
      throw new AccessDenied(scope);
    }
  }

  /**
   * Demands a scope in a whole instance.
   *
   * @throws AccessDenied if the credential does not have it there
   */
  default void require(Scope scope, TenantInstance whole) {
    if (!may(scope, whole)) {
      throw new AccessDenied(scope);
    }
  }

  /** A partner's server: acts for any patient of the instance. */
  record Partner(String credentialId, TenantInstance instance, Set<Scope> scopes)
      implements Caller {
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

  /** A patient: acts in their own chat only. */
  record PatientUser(
      String credentialId, TenantInstance instance, Set<Scope> scopes, PatientId patient)
      implements Caller {
    public PatientUser {
      scopes = Set.copyOf(scopes);
    }

    @Override
    public boolean may(Scope scope, ChatId chat) {
      return scopes.contains(scope)
          && instance.equals(chat.instance())
          && patient.equals(chat.patient());
    }

    /** Never: what concerns all chats is not for one patient, whatever the scopes. */
    @Override
    public boolean may(Scope scope, TenantInstance whole) {
      return false;
    }
  }

  /**
   * A member of the care team, signed in to an application of the provider: reads every chat of the
   * instance, sends as themselves.
   */
  record CareTeamUser(
      String credentialId, TenantInstance instance, Set<Scope> scopes, Sender.CareTeamMember member)
      implements Caller {
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
