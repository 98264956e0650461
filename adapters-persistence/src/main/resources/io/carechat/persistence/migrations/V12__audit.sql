-- The audit: one row for each request with a known credential, stored before its caller sees anything of the response.
--
-- Rows are only ever added. No role of the service may change or remove one. They are ordered as the event log is, by the id of
-- the transaction, so that they can be sealed in an order in which nothing is added behind the reader. The distribution key of
-- this table has no patient: many rows have none, and rows are sealed by instance.

create table carechat.audit_event (
  tenant_name text collate "C" not null,
  instance_name text collate "C" not null,
  log_transaction bigint not null, -- pg_current_xact_id() of the writer
  log_number bigint not null, -- unique in the transaction
  occurred_at timestamptz(3) not null,
  caller_type text collate "C" not null check (caller_type in ('PARTNER', 'PATIENT', 'CARE_TEAM')),
  credential_id text collate "C" not null,
  subject text collate "C" not null, -- the unique user: the id of the patient, of the member of the care team, or of the key
  break_glass boolean not null,
  address text collate "C" not null,
  operation text collate "C" not null,
  patient_id uuid, -- whose chat was asked for
  request_id text collate "C" not null,
  status integer not null, -- of HTTP
  problem text collate "C", -- the code of the problem; null if the request was not refused
  -- What was shown or made. Never a text of anybody's.
  first_created_at timestamptz(3),
  last_created_at timestamptz(3),
  shown_count integer,
  shown_ids text[],
  query_hash text collate "C",
  primary key (tenant_name, instance_name, log_transaction, log_number)
);

-- For the lists of an instance and of a patient. Every request pays for them, so there are no others.
create index audit_event_by_time
  on carechat.audit_event (tenant_name, instance_name, occurred_at, log_transaction, log_number);
create index audit_event_by_patient
  on carechat.audit_event (tenant_name, instance_name, patient_id, occurred_at, log_transaction, log_number)
  where patient_id is not null;

grant select, insert on carechat.audit_event to carechat_worker;
grant select on carechat.audit_event to carechat_app;

alter table carechat.audit_event enable row level security;
alter table carechat.audit_event force row level security;
create policy everything on carechat.audit_event to carechat_worker using (true) with check (true);
create policy own_instance on carechat.audit_event for select to carechat_app
  using (
    tenant_name = current_setting('carechat.tenant', true)
    and instance_name = current_setting('carechat.instance', true));
alter table carechat.audit_event owner to carechat_owner;
