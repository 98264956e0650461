-- The signed checkpoints of the audit, and the events that publish them.
--
-- Checkpoints are only ever added. No role of the service may change or remove one. The tree and the hashes of rows are in
-- base64, because the service reads and writes them as a whole.

create table carechat.audit_checkpoint (
  tenant_name text collate "C" not null,
  instance_name text collate "C" not null,
  size bigint not null check (size > 0), -- how many rows of the instance there were
  checkpoint_number bigint generated always as identity,
  note text collate "C" not null, -- the checkpoint and its signature
  tree text collate "C" not null, -- the state of the tree of these rows
  last_transaction bigint not null, -- the position of the last of these rows
  last_number bigint not null,
  row_hashes text collate "C" not null, -- the beginnings of the hashes of the rows since the checkpoint before
  primary key (tenant_name, instance_name, size)
);
-- For whoever copies the checkpoints elsewhere.
create unique index audit_checkpoint_by_number on carechat.audit_checkpoint (checkpoint_number);

-- What the service said when rows at the beginning of an instance's audit were removed.
create table carechat.audit_removal (
  tenant_name text collate "C" not null,
  instance_name text collate "C" not null,
  size bigint not null check (size > 0), -- how many rows have been removed in all
  note text collate "C" not null,
  primary key (tenant_name, instance_name, size)
);

grant select, insert on carechat.audit_checkpoint to carechat_worker;
grant select on carechat.audit_removal to carechat_worker;
grant select on carechat.audit_checkpoint, carechat.audit_removal to carechat_app;

do $$
declare
  relation text;
begin
  foreach relation in array array['audit_checkpoint', 'audit_removal'] loop
    execute format('alter table carechat.%I enable row level security', relation);
    execute format('alter table carechat.%I force row level security', relation);
    execute format(
      'create policy everything on carechat.%I to carechat_worker using (true) with check (true)', relation);
    -- Without the settings nothing is equal, and nothing is seen.
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

-- A new checkpoint is an event of its instance. Rows that are there already meet the new check, because they met the old one. So it
-- need not read them all while nobody can write.
alter table carechat.chat_event
  add column checkpoint_size bigint, -- how many rows are in the checkpoint
  add column checkpoint_note text collate "C",
  drop constraint chat_event_is_whole,
  add constraint chat_event_is_whole check (
    case type
      when 'MESSAGE_SENT' then
        message_created_at is not null
        and occurred_at is null and reader_type is null and endpoint_id is null and reason is null
        and checkpoint_size is null and checkpoint_note is null
      -- Up to message_created_at.
      when 'CHAT_READ' then
        message_created_at is not null and occurred_at is not null and reader_type is not null
        and endpoint_id is null and reason is null
        and checkpoint_size is null and checkpoint_note is null
      -- In no chat: the patient is all zeros.
      when 'ENDPOINT_DISABLED' then
        message_created_at is null and occurred_at is not null and reader_type is null
        and endpoint_id is not null and reason is not null
        and checkpoint_size is null and checkpoint_note is null
        and patient_id = '00000000-0000-0000-0000-000000000000'
      when 'AUDIT_CHECKPOINT' then
        message_created_at is null and occurred_at is not null and reader_type is null
        and endpoint_id is null and reason is null
        and checkpoint_size is not null and checkpoint_note is not null
        and patient_id = '00000000-0000-0000-0000-000000000000'
      else false
    end) not valid;

-- Removes the rows at the beginning of an instance's audit up to a checkpoint, and keeps the checkpoint, from which the rest can be
-- verified. It runs as the owner of the tables, because no role of the service may remove rows. So it checks by itself what it is
-- asked for: only rows that are sealed, all of them, and none that is younger than 30 days.
create function carechat.remove_sealed_audit(
  of_tenant text, of_instance text, up_to bigint, older_than timestamptz, removal_note text)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  end_transaction bigint;
  end_number bigint;
  removed_before bigint;
  removed bigint;
begin
  perform pg_advisory_xact_lock(7161380900000002);
  if older_than > now() - interval '30 days' then
    raise 'rows of the audit are kept for 30 days or longer';
  end if;
  if not starts_with(removal_note, format(E'carechat/audit-removed/%s/%s\n%s\n', of_tenant, of_instance, up_to)) then
    raise 'the note is not of this removal';
  end if;
  select last_transaction, last_number into end_transaction, end_number
  from carechat.audit_checkpoint
  where tenant_name = of_tenant and instance_name = of_instance and size = up_to;
  if not found then
    raise 'there is no checkpoint of so many rows';
  end if;
  select coalesce(max(size), 0) into removed_before
  from carechat.audit_removal
  where tenant_name = of_tenant and instance_name = of_instance;
  if up_to <= removed_before then
    return 0;
  end if;
  if exists (
      select
      from carechat.audit_event
      where tenant_name = of_tenant and instance_name = of_instance
        and (log_transaction, log_number) <= (end_transaction, end_number)
        and occurred_at >= older_than) then
    raise 'a row of these is too young';
  end if;
  insert into carechat.audit_removal (tenant_name, instance_name, size, note)
  values (of_tenant, of_instance, up_to, removal_note);
  delete from carechat.audit_event
  where tenant_name = of_tenant and instance_name = of_instance
    and (log_transaction, log_number) <= (end_transaction, end_number);
  get diagnostics removed = row_count;
  if removed <> up_to - removed_before then
    raise 'the rows are not those that were sealed';
  end if;
  return removed;
end
$$;
alter function carechat.remove_sealed_audit(text, text, bigint, timestamptz, text) owner to carechat_owner;
revoke all on function carechat.remove_sealed_audit(text, text, bigint, timestamptz, text) from public;
grant execute on function carechat.remove_sealed_audit(text, text, bigint, timestamptz, text) to carechat_worker;

-- Row-level security binds the owner too.
create policy removing on carechat.audit_event for delete to carechat_owner using (true);
create policy finding on carechat.audit_event for select to carechat_owner using (true);
create policy finding on carechat.audit_checkpoint for select to carechat_owner using (true);
create policy finding on carechat.audit_removal for select to carechat_owner using (true);
create policy noting on carechat.audit_removal for insert to carechat_owner with check (true);
