-- What happened in an instance after a position, which a search of the whole instance must know: however many events of other
-- instances lie between.
create index chat_event_of_instance
  on carechat.chat_event (tenant_name, instance_name, log_transaction, log_number);
