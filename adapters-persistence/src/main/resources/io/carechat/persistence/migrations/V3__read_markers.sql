-- How far each side of a chat has read, and the order of an instance's chats.

-- There is one for each side of a chat that has read something. It only moves to newer messages.
create table carechat.read_marker (
  tenant_name text collate "C" not null,
  instance_name text collate "C" not null,
  patient_id uuid not null,
  reader_type text collate "C" not null check (reader_type in ('PATIENT', 'CARE_TEAM')),
  message_created_at timestamptz(3) not null, -- of the newest message that was read
  message_external_id uuid not null,
  read_at timestamptz(3) not null,
  primary key (tenant_name, instance_name, patient_id, reader_type)
) with (fillfactor = 80);

grant select, insert, update on carechat.read_marker to carechat_worker;
grant select on carechat.read_marker to carechat_app;

alter table carechat.read_marker enable row level security;
alter table carechat.read_marker force row level security;
create policy everything on carechat.read_marker to carechat_worker using (true) with check (true);
create policy own_instance on carechat.read_marker for select to carechat_app
  using (
    tenant_name = current_setting('carechat.tenant', true)
    and instance_name = current_setting('carechat.instance', true));
alter table carechat.read_marker owner to carechat_owner;

-- The inbox. last_created_at is always that of the chat's newest message.
create index chat_by_last_message
  on carechat.chat (tenant_name, instance_name, last_created_at, patient_id);

-- What one side has not read of the other's, however much the one has written itself.
create index message_by_sender_type
  on carechat.message (tenant_name, instance_name, patient_id, sender_type, created_at);
