-- Messages, the event log that everything else follows, and the ledger of webhook deliveries.
--
-- Every primary key starts with (tenant_name, instance_name, patient_id), the distribution key, so that the tables can be
-- partitioned or distributed by it as they are. There are no foreign keys: rows that belong together are written by one
-- statement, and each foreign key would cost a lookup and a row lock on the way of every message.

-- Roles belong to the whole cluster, where other databases of this service, or another migration at this moment, may make them.
do $$
declare
  group_role text;
begin
  foreach group_role in array array['carechat_owner', 'carechat_app', 'carechat_worker'] loop
    if not exists (select from pg_roles where rolname = group_role) then
      begin
        execute format('create role %I nologin', group_role);
      exception when duplicate_object or unique_violation then
        null; -- somebody else was faster
      end;
    end if;
  end loop;
  if not (select rolsuper from pg_roles where rolname = current_user)
      and not pg_has_role(current_user, 'carechat_owner', 'set') then
    execute format('grant carechat_owner to %I with inherit true, set true', current_user);
  end if;
end
$$;

-- One conversation of a patient and the care team.
create table carechat.chat (
  tenant_name text collate "C" not null,
  instance_name text collate "C" not null,
  patient_id uuid not null,
  last_created_at timestamptz(3) not null, -- of the newest message: the next one's is later
  primary key (tenant_name, instance_name, patient_id)
) with (fillfactor = 80);

-- What was said. The only place with a text of anybody's.
create table carechat.message (
  tenant_name text collate "C" not null,
  instance_name text collate "C" not null,
  patient_id uuid not null,
  created_at timestamptz(3) not null,
  external_id uuid not null,
  sender_id uuid not null,
  sender_type text collate "C" not null check (sender_type in ('PATIENT', 'CARE_TEAM')),
  sender_title text,
  text text not null,
  idempotency_key text collate "C",
  primary key (tenant_name, instance_name, patient_id, created_at)
);
create unique index message_by_external_id
  on carechat.message (tenant_name, instance_name, patient_id, external_id);
create unique index message_by_idempotency_key
  on carechat.message (tenant_name, instance_name, patient_id, idempotency_key)
  where idempotency_key is not null;

-- Numbers events; their order in the log is (log_transaction, log_number).
create sequence carechat.event_number;

-- What happened, in the order in which readers may see it.
create table carechat.chat_event (
  tenant_name text collate "C" not null,
  instance_name text collate "C" not null,
  patient_id uuid not null,
  log_transaction bigint not null, -- pg_current_xact_id() of the writer
  log_number bigint not null,
  type text collate "C" not null check (type = 'MESSAGE_SENT'),
  message_created_at timestamptz(3) not null,
  primary key (tenant_name, instance_name, patient_id, log_transaction, log_number)
);
create index chat_event_in_log_order on carechat.chat_event (log_transaction, log_number);

-- How far a consumer of the log has come.
create table carechat.event_cursor (
  consumer text collate "C" primary key,
  log_transaction bigint not null,
  log_number bigint not null
);
insert into carechat.event_cursor values ('webhooks', 0, 0);

-- A message to be delivered to an endpoint, and how that stands.
create table carechat.webhook_delivery (
  tenant_name text collate "C" not null,
  instance_name text collate "C" not null,
  patient_id uuid not null,
  endpoint_id text collate "C" not null,
  log_transaction bigint not null,
  log_number bigint not null,
  delivery_id uuid not null,
  message_created_at timestamptz(3) not null,
  patient_url text not null,
  state text collate "C" not null check (state in ('PENDING', 'DELIVERED', 'DEAD')),
  attempts integer not null,
  primary key (tenant_name, instance_name, patient_id, endpoint_id, log_transaction, log_number)
);
create unique index webhook_delivery_by_id
  on carechat.webhook_delivery (tenant_name, instance_name, patient_id, delivery_id);
create index webhook_delivery_pending
  on carechat.webhook_delivery
    (tenant_name, instance_name, patient_id, endpoint_id, log_transaction, log_number)
  where state = 'PENDING';

-- There is one for each chat and endpoint that has pending deliveries, and only for those.
create table carechat.webhook_lane (
  tenant_name text collate "C" not null,
  instance_name text collate "C" not null,
  patient_id uuid not null,
  endpoint_id text collate "C" not null,
  due_at timestamptz not null, -- of its first pending delivery; while claimed, when the lease ends; infinity if the endpoint is disabled
  claim uuid, -- of the worker that has it
  primary key (tenant_name, instance_name, patient_id, endpoint_id)
) with (
  fillfactor = 70,
  -- A queue: nearly every row is soon dead.
  autovacuum_vacuum_scale_factor = 0.0,
  autovacuum_vacuum_threshold = 2000
);
create index webhook_lane_by_due_at on carechat.webhook_lane (due_at);

-- Every attempt that was made.
create table carechat.webhook_attempt (
  tenant_name text collate "C" not null,
  instance_name text collate "C" not null,
  patient_id uuid not null,
  delivery_id uuid not null,
  attempt integer not null, -- from 1
  ended_at timestamptz not null,
  took_ms bigint not null,
  status integer, -- of HTTP; null if there was no answer
  note text not null, -- the beginning of the answer, or why there was none
  primary key (tenant_name, instance_name, patient_id, delivery_id, attempt)
);

-- Endpoints that said that they are gone.
create table carechat.webhook_endpoint_disabled (
  tenant_name text collate "C" not null,
  instance_name text collate "C" not null,
  endpoint_id text collate "C" not null,
  disabled_at timestamptz not null,
  primary key (tenant_name, instance_name, endpoint_id)
);

-- Whoever answers a request sees the rows of the request's tenant and instance, and changes none: carechat_app. What serves all
-- tenants (storing, following the log, delivering) is carechat_worker. Neither owns a table, and the owner cannot log in.
grant usage on schema carechat to carechat_app, carechat_worker;
grant usage on sequence carechat.event_number to carechat_worker;
grant select, insert, update on carechat.chat to carechat_worker;
grant select, insert on carechat.message, carechat.chat_event, carechat.webhook_attempt to carechat_worker;
grant select, update on carechat.event_cursor to carechat_worker;
grant select, insert, update on carechat.webhook_delivery to carechat_worker;
grant select, insert, update, delete on carechat.webhook_lane, carechat.webhook_endpoint_disabled to carechat_worker;
grant select
  on carechat.chat, carechat.message, carechat.chat_event, carechat.webhook_delivery,
    carechat.webhook_attempt, carechat.webhook_endpoint_disabled
  to carechat_app;

do $$
declare
  relation text;
begin
  foreach relation in array array[
    'chat', 'message', 'chat_event', 'event_cursor', 'webhook_delivery', 'webhook_lane', 'webhook_attempt', 'webhook_endpoint_disabled'
  ] loop
    execute format('alter table carechat.%I enable row level security', relation);
    execute format('alter table carechat.%I force row level security', relation);
    execute format(
      'create policy everything on carechat.%I to carechat_worker using (true) with check (true)', relation);
  end loop;
  foreach relation in array array[
    'chat', 'message', 'chat_event', 'webhook_delivery', 'webhook_attempt', 'webhook_endpoint_disabled'
  ] loop
    -- Without the settings nothing is equal, and nothing is seen.
    execute format(
      $policy$
        create policy own_instance on carechat.%I for select to carechat_app
          using (
            tenant_name = current_setting('carechat.tenant', true)
            and instance_name = current_setting('carechat.instance', true))
      $policy$, relation);
  end loop;
end
$$;

alter schema carechat owner to carechat_owner;
alter sequence carechat.event_number owner to carechat_owner;
alter table carechat.chat owner to carechat_owner;
alter table carechat.message owner to carechat_owner;
alter table carechat.chat_event owner to carechat_owner;
alter table carechat.event_cursor owner to carechat_owner;
alter table carechat.webhook_delivery owner to carechat_owner;
alter table carechat.webhook_lane owner to carechat_owner;
alter table carechat.webhook_attempt owner to carechat_owner;
alter table carechat.webhook_endpoint_disabled owner to carechat_owner;
