-- Which chats a side has not read, so that the inbox can list these alone.
--
-- read_by_patient_as_of says as of which last_created_at the patient had read all messages of the care team. As long as it is
-- equal to last_created_at, nothing is unread. If it differs or is null, something may be unread, and whoever lists unread chats
-- counts. So a node of the version before, which does not know the columns, hides nothing: what it stores moves last_created_at.
--
-- These statements are not one transaction (see the .conf file), because sends would wait for all of it. Each locks a table or
-- some chats for a moment only. Each may run again, so if the migration is interrupted, it can be repeated as a whole.

alter table carechat.chat
  add column if not exists read_by_patient_as_of timestamptz(3),
  add column if not exists read_by_care_team_as_of timestamptz(3);

-- Row-level security binds whoever migrates, too. These policies are dropped below.
drop policy if exists filling on carechat.chat;
drop policy if exists filling on carechat.message;
drop policy if exists filling on carechat.read_marker;
create policy filling on carechat.chat to carechat_owner using (true) with check (true);
create policy filling on carechat.message for select to carechat_owner using (true);
create policy filling on carechat.read_marker for select to carechat_owner using (true);

-- As in the sessions of the service: a few steps along indexes for each chat.
set enable_seqscan = off;
set enable_bitmapscan = off;
set enable_hashjoin = off;
set enable_mergejoin = off;
set jit = off;

-- Fills the columns of existing chats, a thousand in each transaction.
do $$
declare
  tenants text[];
  instances text[];
  patients uuid[];
  after_tenant text := '';
  after_instance text := '';
  after_patient uuid := '00000000-0000-0000-0000-000000000000';
begin
  loop
    -- The rows are locked in a statement of its own, so that the next one sees all messages up to their last_created_at. Rows
    -- that a node has locked are left out: it may be waiting for another row of these. They stay null, and are counted.
    select
      array_agg(tenant_name order by tenant_name, instance_name, patient_id),
      array_agg(instance_name order by tenant_name, instance_name, patient_id),
      array_agg(patient_id order by tenant_name, instance_name, patient_id)
    into tenants, instances, patients
    from (
      select tenant_name, instance_name, patient_id
      from carechat.chat
      where (tenant_name, instance_name, patient_id) > (after_tenant, after_instance, after_patient)
      order by tenant_name, instance_name, patient_id
      limit 1000
      for update skip locked) as lot;
    exit when tenants is null;

    with state as materialized (
      select
        lot.tenant_name,
        lot.instance_name,
        lot.patient_id,
        not exists (
          select
          from carechat.message
          where message.tenant_name = lot.tenant_name and message.instance_name = lot.instance_name
            and message.patient_id = lot.patient_id and message.sender_type = 'CARE_TEAM'
            and message.created_at > case
              when by_patient.message_created_at is null then timestamptz '-infinity' else by_patient.message_created_at end
        ) as read_by_patient,
        not exists (
          select
          from carechat.message
          where message.tenant_name = lot.tenant_name and message.instance_name = lot.instance_name
            and message.patient_id = lot.patient_id and message.sender_type = 'PATIENT'
            and message.created_at > case
              when by_care_team.message_created_at is null then timestamptz '-infinity' else by_care_team.message_created_at end
        ) as read_by_care_team
      from unnest(tenants, instances, patients) as lot (tenant_name, instance_name, patient_id)
        left join carechat.read_marker as by_patient
          on by_patient.tenant_name = lot.tenant_name and by_patient.instance_name = lot.instance_name
          and by_patient.patient_id = lot.patient_id and by_patient.reader_type = 'PATIENT'
        left join carechat.read_marker as by_care_team
          on by_care_team.tenant_name = lot.tenant_name and by_care_team.instance_name = lot.instance_name
          and by_care_team.patient_id = lot.patient_id and by_care_team.reader_type = 'CARE_TEAM'
    )
    update carechat.chat
    set
      read_by_patient_as_of = case when state.read_by_patient then chat.last_created_at end,
      read_by_care_team_as_of = case when state.read_by_care_team then chat.last_created_at end
    from state
    where chat.tenant_name = state.tenant_name and chat.instance_name = state.instance_name
      and chat.patient_id = state.patient_id and (state.read_by_patient or state.read_by_care_team);
    commit;

    after_tenant := tenants[cardinality(tenants)];
    after_instance := instances[cardinality(tenants)];
    after_patient := patients[cardinality(tenants)];
  end loop;
end
$$;

reset enable_seqscan;
reset enable_bitmapscan;
reset enable_hashjoin;
reset enable_mergejoin;
reset jit;

drop policy filling on carechat.chat;
drop policy filling on carechat.message;
drop policy filling on carechat.read_marker;

-- The chats of an instance that a side may not have read, in the order of the inbox. The time is an expression, so that only
-- this index has the order of the list, and the planner cannot take that of all chats instead. An index that was not completed
-- remains and is not used, so it is dropped first.
drop index concurrently if exists carechat.chat_unread_by_patient;
drop index concurrently if exists carechat.chat_unread_by_care_team;
create index concurrently chat_unread_by_patient
  on carechat.chat (
    tenant_name,
    instance_name,
    (case when read_by_patient_as_of is distinct from last_created_at then last_created_at end),
    patient_id)
  where read_by_patient_as_of is distinct from last_created_at;
create index concurrently chat_unread_by_care_team
  on carechat.chat (
    tenant_name,
    instance_name,
    (case when read_by_care_team_as_of is distinct from last_created_at then last_created_at end),
    patient_id)
  where read_by_care_team_as_of is distinct from last_created_at;
