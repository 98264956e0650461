-- People who are signed in with a browser, and the links that sign patients in.
--
-- The secrets themselves are not here, only their SHA-256 hashes in hexadecimal digits. No request reads these tables on
-- behalf of an instance: a session says whose it is.

create table carechat.browser_session (
  token_hash text collate "C" primary key check (length(token_hash) = 64),
  tenant_name text collate "C" not null,
  instance_name text collate "C" not null,
  client_type text collate "C" not null check (client_type in ('PATIENT', 'CARE_TEAM')),
  person_id uuid not null, -- the patient, or the member of the care team
  title_name text collate "C",
  scopes text[] not null,
  credential_id text collate "C" not null, -- by which it appears in logs
  idle_end timestamptz(3) not null,
  session_end timestamptz(3) not null,
  check (idle_end <= session_end)
) with (fillfactor = 80);

create index browser_session_by_end on carechat.browser_session (idle_end);

create table carechat.sign_in_link (
  token_hash text collate "C" primary key check (length(token_hash) = 64),
  tenant_name text collate "C" not null,
  instance_name text collate "C" not null,
  patient_id uuid not null,
  expires_at timestamptz(3) not null
);

create index sign_in_link_by_end on carechat.sign_in_link (expires_at);

-- Locking rows that are to be deleted needs the right to update them.
grant select, insert, update, delete on carechat.browser_session, carechat.sign_in_link to carechat_worker;

alter table carechat.browser_session enable row level security;
alter table carechat.browser_session force row level security;
create policy everything on carechat.browser_session to carechat_worker using (true) with check (true);
alter table carechat.browser_session owner to carechat_owner;

alter table carechat.sign_in_link enable row level security;
alter table carechat.sign_in_link force row level security;
create policy everything on carechat.sign_in_link to carechat_worker using (true) with check (true);
alter table carechat.sign_in_link owner to carechat_owner;
