-- The ledger of deliveries as partners read it, redelivery, and endpoints that fail for long.

-- Deliveries get their times in the order of the log, whatever the clocks of the nodes that plan say.
alter table carechat.event_cursor
  add column planned_at timestamptz(3) not null default '-infinity'; -- of the last deliveries that were planned

alter table carechat.webhook_delivery
  add column created_at timestamptz(3), -- when it was planned; never earlier than that of a delivery before it in the log
  add column attempts_before integer not null default 0, -- of attempts: those before its last redelivery
  add column not_before timestamptz, -- when its next attempt is due; null if it never failed since it was (re)delivered
  add column redelivered_at timestamptz(3); -- when that was last asked for
-- Not by an UPDATE, which would see no row where row-level security binds whoever migrates.
alter table carechat.webhook_delivery
  alter column created_at type timestamptz(3) using message_created_at,
  alter column created_at set not null;

-- A page of an endpoint's deliveries, of each state: in the order of the log, which is that of (created_at, log_transaction,
-- log_number), and from any time on.
create index webhook_delivery_by_endpoint
  on carechat.webhook_delivery
    (tenant_name, instance_name, endpoint_id, state, created_at, log_transaction, log_number);

-- A partner names a delivery without its patient. The same columns as before in another order.
drop index carechat.webhook_delivery_by_id;
create unique index webhook_delivery_by_id
  on carechat.webhook_delivery (tenant_name, instance_name, delivery_id, patient_id);

-- The lanes of an endpoint, to let them go on when it is enabled.
create index webhook_lane_by_endpoint on carechat.webhook_lane (tenant_name, instance_name, endpoint_id);

alter table carechat.webhook_endpoint_disabled
  add column reason text collate "C" check (reason in ('GONE', 'FAILING')); -- null if somebody disabled it

-- Endpoints whose last attempt failed: there is a row from the first failure until a success.
create table carechat.webhook_endpoint_failing (
  tenant_name text collate "C" not null,
  instance_name text collate "C" not null,
  endpoint_id text collate "C" not null,
  since timestamptz not null, -- of the first failure after the last success
  last_failed_at timestamptz not null, -- to the minute: it is not written with every failure
  primary key (tenant_name, instance_name, endpoint_id)
) with (fillfactor = 70);

-- Redeliveries of many, which are made in lots: how far each has come.
create table carechat.webhook_redelivery (
  tenant_name text collate "C" not null,
  instance_name text collate "C" not null,
  redelivery_id uuid not null,
  endpoint_id text collate "C" not null,
  delivered_too boolean not null, -- not only dead ones
  since timestamptz not null, -- only deliveries created then or later
  asked_at timestamptz(3) not null, -- only deliveries created then or before
  after_created_at timestamptz not null, -- the last delivery that was looked at
  after_transaction bigint not null,
  after_number bigint not null,
  primary key (tenant_name, instance_name, redelivery_id)
);
create index webhook_redelivery_by_time on carechat.webhook_redelivery (asked_at, redelivery_id);

grant select on carechat.webhook_endpoint_failing to carechat_app;
grant select, insert, update, delete on carechat.webhook_endpoint_failing, carechat.webhook_redelivery to carechat_worker;
-- What was delivered long ago is forgotten.
grant delete on carechat.webhook_delivery, carechat.webhook_attempt to carechat_worker;

do $$
declare
  relation text;
begin
  foreach relation in array array['webhook_endpoint_failing', 'webhook_redelivery'] loop
    execute format('alter table carechat.%I enable row level security', relation);
    execute format('alter table carechat.%I force row level security', relation);
    execute format(
      'create policy everything on carechat.%I to carechat_worker using (true) with check (true)', relation);
    execute format('alter table carechat.%I owner to carechat_owner', relation);
  end loop;
  -- Without the settings nothing is equal, and nothing is seen.
  create policy own_instance on carechat.webhook_endpoint_failing for select to carechat_app
    using (
      tenant_name = current_setting('carechat.tenant', true)
      and instance_name = current_setting('carechat.instance', true));
end
$$;
