-- API keys that are made by the API or the command line. (Those of the configuration are in no table.)
--
-- The secrets themselves are not here, only their SHA-256 hashes in hexadecimal digits.

create table carechat.api_key (
  tenant_name text collate "C" not null,
  instance_name text collate "C" not null,
  key_id text collate "C" not null,
  secret_hash text collate "C" not null check (length(secret_hash) = 64),
  scopes text[] not null,
  note text not null,
  reason text, -- of a break-glass key
  certificate text collate "C", -- the SHA-256 thumbprint of the client certificate that it needs, in base64url
  created_at timestamptz(3) not null,
  created_by text collate "C" not null, -- the id of a credential
  expires_at timestamptz(3),
  revoked_at timestamptz(3),
  last_used_on date, -- in UTC
  revision bigint not null, -- the number of its last change among those of all keys
  primary key (tenant_name, instance_name, key_id),
  check (reason is null or expires_at is not null)
) with (fillfactor = 80);

create unique index api_key_by_secret on carechat.api_key (secret_hash);

-- What has changed since a node has looked.
create index api_key_by_revision on carechat.api_key (revision);

-- Counts the changes of all keys. Whoever changes a key changes this first, and so waits for whoever else does: the
-- changes become visible in the order of their numbers.
create table carechat.api_key_revision (
  only_row boolean primary key default true check (only_row),
  revision bigint not null
);
insert into carechat.api_key_revision (revision) values (0);

grant select, insert, update, delete on carechat.api_key to carechat_worker;
grant select, update on carechat.api_key_revision to carechat_worker;
grant select on carechat.api_key to carechat_app;

alter table carechat.api_key enable row level security;
alter table carechat.api_key force row level security;
create policy everything on carechat.api_key to carechat_worker using (true) with check (true);
create policy own_instance on carechat.api_key for select to carechat_app
  using (
    tenant_name = current_setting('carechat.tenant', true)
    and instance_name = current_setting('carechat.instance', true));
alter table carechat.api_key owner to carechat_owner;

alter table carechat.api_key_revision enable row level security;
alter table carechat.api_key_revision force row level security;
create policy everything on carechat.api_key_revision to carechat_worker using (true) with check (true);
alter table carechat.api_key_revision owner to carechat_owner;

-- That a break-glass key was created is an event of the instance.
alter table carechat.chat_event
  drop constraint chat_event_is_whole,
  add column key_id text collate "C",
  add column key_expires_at timestamptz(3),
  add constraint chat_event_is_whole check (
    case type
      when 'MESSAGE_SENT' then
        message_created_at is not null
        and occurred_at is null and reader_type is null and endpoint_id is null and reason is null
        and key_id is null and key_expires_at is null
      -- Up to message_created_at.
      when 'CHAT_READ' then
        message_created_at is not null and occurred_at is not null and reader_type is not null
        and endpoint_id is null and reason is null and key_id is null and key_expires_at is null
      -- In no chat: the patient is all zeros.
      when 'ENDPOINT_DISABLED' then
        message_created_at is null and occurred_at is not null and reader_type is null
        and endpoint_id is not null and reason is not null and key_id is null and key_expires_at is null
        and patient_id = '00000000-0000-0000-0000-000000000000'
      when 'BREAK_GLASS_KEY_CREATED' then
        message_created_at is null and occurred_at is not null and reader_type is null
        and endpoint_id is null and reason is null and key_id is not null and key_expires_at is not null
        and patient_id = '00000000-0000-0000-0000-000000000000'
      else false
    end);
