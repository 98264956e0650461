-- Erasure, restriction and legal holds of chats.

-- How a chat stands that is not simply open. Most chats have no row here.
create table carechat.chat_state (
  tenant_name text collate "C" not null,
  instance_name text collate "C" not null,
  patient_id uuid not null,
  restricted_at timestamptz(3), -- since when it is neither shown nor changed
  erasing uuid, -- the erasure that is removing its messages: until it has ended, it is not shown either
  erased_through timestamptz(3), -- its messages up to this time were erased; every later one is newer
  primary key (tenant_name, instance_name, patient_id)
);

-- An order to keep a chat, whoever wants it erased. There may be several for a chat.
create table carechat.legal_hold (
  tenant_name text collate "C" not null,
  instance_name text collate "C" not null,
  patient_id uuid not null,
  hold_id uuid not null,
  reference text collate "C", -- the partner's own name for it
  placed_at timestamptz(3) not null,
  placed_by text collate "C" not null, -- the id of the credential
  primary key (tenant_name, instance_name, patient_id, hold_id)
);

-- Erasures that were requested. A row contains nothing that anybody wrote, and is kept as the proof.
create table carechat.chat_erasure (
  tenant_name text collate "C" not null,
  instance_name text collate "C" not null,
  patient_id uuid not null,
  erasure_id uuid not null,
  reason text collate "C" not null,
  state text collate "C" not null check (state in ('HELD', 'REMOVING', 'INDEXING', 'DONE')),
  requested_at timestamptz(3) not null,
  requested_by text collate "C" not null, -- the id of the credential
  through timestamptz(3), -- messages up to this time are erased; null while it is held
  messages bigint not null default 0, -- how many rows were removed so far
  events bigint not null default 0,
  deliveries bigint not null default 0,
  attempts bigint not null default 0,
  read_markers bigint not null default 0,
  sessions bigint not null default 0, -- and links that sign in
  text_bytes bigint not null default 0, -- of the removed texts, in UTF-8
  removed_at timestamptz(3), -- when the last row was removed
  log_transaction bigint, -- of its event
  log_number bigint,
  receipt text, -- exactly as it was signed
  ledgers text[] not null default '{}', -- the ids of the ledgers outside the database that have it
  primary key (tenant_name, instance_name, patient_id, erasure_id),
  check ((state = 'HELD') = (through is null)),
  check ((state in ('INDEXING', 'DONE')) = (removed_at is not null)),
  check ((removed_at is null) = (log_transaction is null) and (removed_at is null) = (log_number is null)),
  check ((state = 'DONE') = (receipt is not null))
);
create index chat_erasure_unfinished on carechat.chat_erasure (requested_at) where state in ('REMOVING', 'INDEXING');

grant select, insert, update, delete on carechat.chat_state, carechat.legal_hold to carechat_worker;
grant select, insert, update on carechat.chat_erasure to carechat_worker;
grant select on carechat.chat_state, carechat.legal_hold, carechat.chat_erasure to carechat_app;

-- What erasing removes. Locking a lane or a row that is deleted needs no more.
grant delete on carechat.message, carechat.chat_event, carechat.chat, carechat.read_marker to carechat_worker;

do $$
declare
  relation text;
begin
  foreach relation in array array['chat_state', 'legal_hold', 'chat_erasure'] loop
    execute format('alter table carechat.%I enable row level security', relation);
    execute format('alter table carechat.%I force row level security', relation);
    execute format(
      'create policy everything on carechat.%I to carechat_worker using (true) with check (true)', relation);
    execute format(
      $policy$
        create policy own_instance on carechat.%I for select to carechat_app
          using (
            tenant_name = current_setting('carechat.tenant', true)
            and instance_name = current_setting('carechat.instance', true))
      $policy$, relation);
    execute format('alter table carechat.%I owner to carechat_owner', relation);
  end loop;
end
$$;

-- Messages and events never go, except those of a chat that is being erased: whatever the service asks for.
do $$
declare
  relation text;
begin
  foreach relation in array array['message', 'chat_event'] loop
    execute format(
      $policy$
        create policy only_erased on carechat.%I as restrictive for delete to carechat_worker
          using (
            exists (
              select from carechat.chat_state
              where chat_state.tenant_name = %1$I.tenant_name and chat_state.instance_name = %1$I.instance_name
                and chat_state.patient_id = %1$I.patient_id and chat_state.erasing is not null))
      $policy$, relation);
  end loop;
end
$$;

-- Events about the record of a chat as a whole. They have an id of their own, and no message.
alter table carechat.chat_event
  add column record_id uuid,
  drop constraint chat_event_is_whole,
  -- Not validated: every row that exists satisfies the constraint before, which allowed less.
  add constraint chat_event_is_whole check (
    -- What each type has, besides the time of those that are no message.
    (message_created_at is not null) = (type in ('MESSAGE_SENT', 'CHAT_READ'))
    and (occurred_at is not null) = (type <> 'MESSAGE_SENT')
    and (reader_type is not null) = (type = 'CHAT_READ')
    and (endpoint_id is not null) = (type = 'ENDPOINT_DISABLED')
    and (reason is not null) = (type = 'ENDPOINT_DISABLED')
    and (key_id is not null) = (type = 'BREAK_GLASS_KEY_CREATED')
    and (key_expires_at is not null) = (type = 'BREAK_GLASS_KEY_CREATED')
    and (checkpoint_size is not null) = (type = 'AUDIT_CHECKPOINT')
    and (checkpoint_note is not null) = (type = 'AUDIT_CHECKPOINT')
    and (record_id is not null) = (type in ('CHAT_ERASED', 'CHAT_RESTRICTED', 'CHAT_RELEASED'))
    -- Those of no chat have a patient that is all zeros.
    and (
      type not in ('ENDPOINT_DISABLED', 'BREAK_GLASS_KEY_CREATED', 'AUDIT_CHECKPOINT')
      or patient_id = '00000000-0000-0000-0000-000000000000')
    and type in (
      'MESSAGE_SENT', 'CHAT_READ', 'ENDPOINT_DISABLED', 'BREAK_GLASS_KEY_CREATED', 'AUDIT_CHECKPOINT',
      'CHAT_ERASED', 'CHAT_RESTRICTED', 'CHAT_RELEASED')
  ) not valid;

-- A delivery of such an event has no message.
alter table carechat.webhook_delivery alter column message_created_at drop not null;

-- A node of the version before does not know the new types, and would stop at such an event. So it does not see them: this
-- version makes the setting when it connects.
alter policy everything on carechat.chat_event
  using (
    type in ('MESSAGE_SENT', 'CHAT_READ', 'ENDPOINT_DISABLED')
    or current_setting('carechat.event_types', true) = 'all')
  with check (true);
alter policy own_instance on carechat.chat_event
  using (
    tenant_name = current_setting('carechat.tenant', true)
    and instance_name = current_setting('carechat.instance', true)
    and (
      type in ('MESSAGE_SENT', 'CHAT_READ', 'ENDPOINT_DISABLED')
      or current_setting('carechat.event_types', true) = 'all'));
