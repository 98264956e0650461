-- Webhook endpoints that are made by the API. (Those of the configuration are in no table.)

create table carechat.webhook_endpoint (
  tenant_name text collate "C" not null,
  instance_name text collate "C" not null,
  endpoint_id text collate "C" not null,
  url text not null,
  payload text collate "C" not null check (payload in ('SOURCE', 'STANDARD', 'THIN')),
  event_types text[] not null,
  senders text[] not null,
  description text not null,
  -- Encrypted, each for its row and column: "<id of the key>.<base64>". See EncryptedCells.
  api_key text collate "C",
  api_secret text collate "C",
  signing_key text collate "C" not null,
  other_signing_key text collate "C",
  other_until timestamptz(3), -- until when the other key signs as well
  after_transaction bigint not null, -- where the event log ended when it was made: what comes after is delivered
  after_number bigint not null,
  version bigint not null, -- counts its changes
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  primary key (tenant_name, instance_name, endpoint_id),
  check ((api_key is null) = (api_secret is null)),
  check ((other_signing_key is null) = (other_until is null))
);

-- Counts the changes of all endpoints, so that a node sees by one number whether what it remembers is still so. Whoever
-- changes an endpoint changes this first, and so waits for whoever else does.
create table carechat.webhook_endpoint_revision (
  only_row boolean primary key default true check (only_row),
  revision bigint not null
);
insert into carechat.webhook_endpoint_revision (revision) values (0);

grant select, insert, update, delete on carechat.webhook_endpoint to carechat_worker;
grant select, update on carechat.webhook_endpoint_revision to carechat_worker;
grant select on carechat.webhook_endpoint to carechat_app;

do $$
declare
  relation text;
begin
  foreach relation in array array['webhook_endpoint', 'webhook_endpoint_revision'] loop
    execute format('alter table carechat.%I enable row level security', relation);
    execute format('alter table carechat.%I force row level security', relation);
    execute format(
      'create policy everything on carechat.%I to carechat_worker using (true) with check (true)', relation);
  end loop;
end
$$;
create policy own_instance on carechat.webhook_endpoint for select to carechat_app
  using (
    tenant_name = current_setting('carechat.tenant', true)
    and instance_name = current_setting('carechat.instance', true));

alter table carechat.webhook_endpoint owner to carechat_owner;
alter table carechat.webhook_endpoint_revision owner to carechat_owner;
