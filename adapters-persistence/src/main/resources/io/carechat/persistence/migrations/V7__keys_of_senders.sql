-- An idempotency key belongs to a sender in a chat. Before, it belonged to the chat, so a key of the patient was taken for the
-- care team too.
--
-- What is stored stays valid, because the new index allows more. The key comes before the sender in it, so a node of the
-- version before, which looks for a key in the whole chat, still finds it by the index while the nodes are replaced. If two
-- senders have used one key, such a node may answer a repeated send with 422. It never stores a message twice.
--
-- While the index is made, messages cannot be stored, as in the migrations before: sends are answered with 503.

create unique index message_by_sender_and_idempotency_key
  on carechat.message (tenant_name, instance_name, patient_id, idempotency_key, sender_type, sender_id)
  where idempotency_key is not null;
drop index carechat.message_by_idempotency_key;
