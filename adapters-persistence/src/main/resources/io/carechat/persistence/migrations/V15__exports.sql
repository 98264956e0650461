-- Exports: files with the messages of a chat or of a whole instance, and how far they have been written.

create table carechat.chat_export (
  tenant_name text collate "C" not null,
  instance_name text collate "C" not null,
  export_id uuid not null,
  patient_id uuid, -- null if it is of all chats of the instance
  format text collate "C" not null check (format in ('NDJSON', 'FHIR')),
  created_from timestamptz(3),
  created_to timestamptz(3),
  owner text collate "C" not null, -- who asked for it
  idempotency_key text collate "C",
  created_at timestamptz(3) not null,
  through_transaction bigint not null, -- everything of the log up to this transaction, and nothing after it
  -- DELETED: nobody finds it any more, and its parts are still to be removed.
  state text collate "C" not null check (state in ('WAITING', 'RUNNING', 'DONE', 'FAILED', 'DISCARDED', 'DELETED')),
  worker uuid, -- that writes it
  lease_end timestamptz,
  attempts integer not null default 0, -- claims since it last came further
  erasures bigint not null default 0, -- of the instance, when it was claimed
  after_transaction bigint not null default 0, -- up to where the log has been read
  after_number bigint not null default 0,
  messages bigint not null default 0,
  bytes bigint not null default 0,
  first_transaction bigint, -- of the first and the last message in the file
  first_number bigint,
  last_transaction bigint,
  last_number bigint,
  sha256 text collate "C",
  finished_at timestamptz(3),
  expires_at timestamptz(3) not null,
  parts_removed boolean not null default false,
  primary key (tenant_name, instance_name, export_id),
  check ((state = 'RUNNING') = (worker is not null)),
  check ((worker is null) = (lease_end is null)),
  check ((state = 'DONE') <= (sha256 is not null and finished_at is not null))
) with (fillfactor = 70);

create unique index chat_export_by_idempotency_key
  on carechat.chat_export (tenant_name, instance_name, owner, idempotency_key)
  where idempotency_key is not null;
create index chat_export_to_write
  on carechat.chat_export (created_at)
  where state in ('WAITING', 'RUNNING');
create index chat_export_by_end on carechat.chat_export (expires_at) where state <> 'DELETED';
create index chat_export_to_remove
  on carechat.chat_export (expires_at)
  where state in ('DELETED', 'DISCARDED', 'FAILED') and not parts_removed;

-- The file. Each part is a few whole lines.
create table carechat.chat_export_part (
  tenant_name text collate "C" not null,
  instance_name text collate "C" not null,
  export_id uuid not null,
  first_byte bigint not null, -- its place in the file, from 0
  bytes bytea not null,
  primary key (tenant_name, instance_name, export_id, first_byte)
);

-- How many chats of an instance were erased. Whoever adds a part to a file has the row locked, and so has whoever erases a chat:
-- so what was read before an erasure is never written after it.
create table carechat.chat_export_fence (
  tenant_name text collate "C" not null,
  instance_name text collate "C" not null,
  erasures bigint not null,
  primary key (tenant_name, instance_name)
);

grant select, insert, update, delete on carechat.chat_export, carechat.chat_export_part to carechat_worker;
grant select, insert, update on carechat.chat_export_fence to carechat_worker;
grant select on carechat.chat_export, carechat.chat_export_part to carechat_app;

alter table carechat.chat_export enable row level security;
alter table carechat.chat_export force row level security;
create policy everything on carechat.chat_export to carechat_worker using (true) with check (true);
create policy own_instance on carechat.chat_export for select to carechat_app
  using (
    tenant_name = current_setting('carechat.tenant', true)
    and instance_name = current_setting('carechat.instance', true));
alter table carechat.chat_export owner to carechat_owner;

alter table carechat.chat_export_part enable row level security;
alter table carechat.chat_export_part force row level security;
create policy everything on carechat.chat_export_part to carechat_worker using (true) with check (true);
create policy own_instance on carechat.chat_export_part for select to carechat_app
  using (
    tenant_name = current_setting('carechat.tenant', true)
    and instance_name = current_setting('carechat.instance', true));
alter table carechat.chat_export_part owner to carechat_owner;

alter table carechat.chat_export_fence enable row level security;
alter table carechat.chat_export_fence force row level security;
create policy everything on carechat.chat_export_fence to carechat_worker using (true) with check (true);
alter table carechat.chat_export_fence owner to carechat_owner;
