-- An endpoint may have hundreds of thousands of chats that wait: disabling or enabling it is one row, and its lanes follow in lots.

create table carechat.webhook_lane_change (
  tenant_name text collate "C" not null,
  instance_name text collate "C" not null,
  endpoint_id text collate "C" not null,
  held_back boolean not null, -- whether its lanes are to wait for ever, or to go on
  from_patient uuid not null, -- those before this one are done
  primary key (tenant_name, instance_name, endpoint_id)
);

drop index carechat.webhook_lane_by_endpoint;
create index webhook_lane_by_endpoint on carechat.webhook_lane (tenant_name, instance_name, endpoint_id, patient_id);

-- Redeliveries are taken in no order.
drop index carechat.webhook_redelivery_by_time;

grant select, insert, update, delete on carechat.webhook_lane_change to carechat_worker;
alter table carechat.webhook_lane_change enable row level security;
alter table carechat.webhook_lane_change force row level security;
create policy everything on carechat.webhook_lane_change to carechat_worker using (true) with check (true);
alter table carechat.webhook_lane_change owner to carechat_owner;
