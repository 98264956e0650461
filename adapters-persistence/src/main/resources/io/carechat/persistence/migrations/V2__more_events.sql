-- Events besides messages that were sent, and the log of one instance.

alter table carechat.chat_event
  drop constraint chat_event_type_check,
  alter column message_created_at drop not null,
  add column occurred_at timestamptz(3), -- of a message that was sent: its created_at
  add column reader_type text collate "C" check (reader_type in ('PATIENT', 'CARE_TEAM')),
  add column endpoint_id text collate "C",
  add column reason text collate "C" check (reason in ('GONE', 'FAILING')),
  add constraint chat_event_is_whole check (
    case type
      when 'MESSAGE_SENT' then
        message_created_at is not null
        and occurred_at is null and reader_type is null and endpoint_id is null and reason is null
      -- Up to message_created_at.
      when 'CHAT_READ' then
        message_created_at is not null and occurred_at is not null and reader_type is not null
        and endpoint_id is null and reason is null
      -- In no chat: the patient is all zeros.
      when 'ENDPOINT_DISABLED' then
        message_created_at is null and occurred_at is not null and reader_type is null
        and endpoint_id is not null and reason is not null
        and patient_id = '00000000-0000-0000-0000-000000000000'
      else false
    end);

create index chat_event_in_log_order_of_instance
  on carechat.chat_event (tenant_name, instance_name, log_transaction, log_number);
