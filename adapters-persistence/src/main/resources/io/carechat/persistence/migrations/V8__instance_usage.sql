-- What instances have sent and stored. It is used for instances with a quota only.
--
-- Each node adds to it about once a second, in a transaction of its own. So no send waits for the lock of a row.

create table carechat.instance_usage (
  tenant_name text collate "C" not null,
  instance_name text collate "C" not null,
  day bigint not null, -- days since 1970-01-01, UTC
  messages bigint not null, -- that were sent on that day
  bytes bigint not null, -- of the texts of all messages that were counted, in UTF-8
  primary key (tenant_name, instance_name)
) with (fillfactor = 50);

grant select, insert, update on carechat.instance_usage to carechat_worker;

alter table carechat.instance_usage enable row level security;
alter table carechat.instance_usage force row level security;
create policy everything on carechat.instance_usage to carechat_worker using (true) with check (true);
alter table carechat.instance_usage owner to carechat_owner;
