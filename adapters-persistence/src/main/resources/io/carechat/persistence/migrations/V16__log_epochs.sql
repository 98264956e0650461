-- The epochs of the event log, so that ids of events go on above those that were given out before a restore.
--
-- An event's log_transaction is the id of its transaction plus the epoch times 2^44. The ids of transactions begin anew when the
-- database is replaced by an older copy, or restored into another server. Then a new epoch begins. Before the first one it is 0.

create table carechat.log_epoch (
  epoch integer primary key check (epoch between 0 and 524287),
  system_identifier bigint not null, -- of the server on which it began
  timeline text collate "C" not null, -- of the server's write-ahead log, as eight hexadecimal digits
  last_kept bigint not null, -- the last log_transaction that was there when it began; later ones of earlier epochs are lost
  began_at timestamptz(3) not null
);

grant select, insert on carechat.log_epoch to carechat_worker;
grant select on carechat.log_epoch to carechat_app;
alter table carechat.log_epoch enable row level security;
alter table carechat.log_epoch force row level security;
create policy everything on carechat.log_epoch to carechat_worker using (true) with check (true);
-- It has nothing of any tenant.
create policy everybody on carechat.log_epoch for select to carechat_app using (true);
alter table carechat.log_epoch owner to carechat_owner;

-- Begins a new epoch if this is another server than that of the last one (system_identifier), or an older copy of it (each
-- recovery to a point in time, and each promotion of a standby, begins a new timeline), or if the log has ids that the server has
-- not reached; and whenever restored is true. Returns the epoch.
--
-- Every connection that may write to the log calls this first. The server and the timeline cannot change under a connection. So
-- nobody writes with the number of an earlier epoch.
create function carechat.enter_log_epoch(restored boolean) returns integer
language plpgsql
set search_path = pg_catalog
as $$
declare
  server bigint;
  current_line text;
  latest carechat.log_epoch;
  last_logged bigint;
  next_id bigint;
  begins integer;
begin
  if pg_is_in_recovery() then
    raise exception 'the server is a standby' using errcode = 'cannot_connect_now';
  end if;
  select control.system_identifier into server from pg_control_system() as control;
  current_line := left(pg_walfile_name(pg_current_wal_lsn()), 8);
  for step in 1..2 loop
    select * into latest from carechat.log_epoch order by epoch desc limit 1;
    select coalesce(max(log_transaction), 0) into last_logged from carechat.chat_event;
    next_id := pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
    if not restored and latest.system_identifier = server and latest.timeline = current_line
        and last_logged < (latest.epoch::bigint << 44) + next_id then
      return latest.epoch;
    end if;
    if step = 1 then
      -- Many connections are made at once. One of them begins the epoch, and the others find it.
      perform pg_advisory_xact_lock(1667330402);
    end if;
  end loop;
  if latest.epoch is null and not restored and last_logged < next_id then
    begins := 0;
  else
    -- The hour, because an older copy may not know of epochs that began after it was made. The timeline, because several restores
    -- may be made in one hour.
    begins := greatest(
      coalesce(latest.epoch, 0) + 1,
      (extract(epoch from clock_timestamp() - timestamptz '2026-01-01 00:00:00Z') / 3600)::integer
        + ('x' || current_line)::bit(32)::integer);
  end if;
  insert into carechat.log_epoch (epoch, system_identifier, timeline, last_kept, began_at)
    values (begins, server, current_line, case when begins = 0 then 0 else last_logged end, clock_timestamp());
  return begins;
end
$$;
alter function carechat.enter_log_epoch(boolean) owner to carechat_owner;
revoke all on function carechat.enter_log_epoch(boolean) from public;
grant execute on function carechat.enter_log_epoch(boolean) to carechat_worker;
