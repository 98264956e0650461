# What a partner does with the client that clients/README.md generates for Ruby, each step checked.
require 'carechat_client'
require 'json'
require 'time'
require 'securerandom'

include CarechatClient

def setting(name)
  ENV.fetch(name) { abort "#{name} is not set. \"./carechat clients ruby\" sets it." }
end

def check(what)
  result = yield
  puts "ok    #{what}"
  result
rescue StandardError => e
  abort "FAIL  #{what}\n#{e.full_message}"
end

def equal(actual, expected)
  raise "expected #{expected.inspect}\nbut it was #{actual.inspect}" unless actual == expected
end

def client(url, key)
  configuration = Configuration.new
  configuration.scheme, rest = url.split('://')
  configuration.host = rest
  configuration.server_index = nil
  configuration.api_key['X-API-KEY'] = key
  ApiClient.new(configuration)
end

PLACE = %w[test-den chat2].freeze
CHAT = [*PLACE, SecureRandom.uuid].freeze
service = client(setting('CARECHAT_URL'), setting('CARECHAT_API_KEY'))
later = client(setting('CARECHAT_LATER_URL'), setting('CARECHAT_API_KEY'))
messages = MessagesApi.new(service)
webhooks = WebhooksApi.new(service)

sent = check 'send: umlauts and emoji come back as they were sent; no empty bearer is in the way' do
  ["Grüße aus Köln \u{1F600}", 'second', 'third'].map.with_index do |text, i|
    message = messages.send_message(*CHAT, NewMessage.new(message: text), idempotency_key: "key-#{i}")
    equal message.message, text
    message
  end
end

check 'send for the care team, without a title' do
  sender = CareTeamSender.new(id: SecureRandom.uuid, title_name: nil)
  message = messages.send_message(*CHAT, NewMessage.new(message: 'Good morning', sender: sender))
  equal message.sender.client_type, 'CARE_TEAM'
  equal message.created_at > sent.last.created_at, true
end

check 'the same Idempotency-Key again is the same message' do
  again = messages.send_message(*CHAT, NewMessage.new(message: 'second'), idempotency_key: 'key-1')
  equal again.external_id, sent[1].external_id
end

check 'find to the end in both directions' do
  found = []
  page = messages.find_messages(*CHAT, page_size: 2)
  newest = page
  loop do
    found += page.content.map { |item| item.message.message }
    break if page.meta.next_page_token.nil?

    page = messages.find_messages(*CHAT, page_token: page.meta.next_page_token)
  end
  equal found, ['Good morning', 'third', 'second', "Grüße aus Köln \u{1F600}"]
  equal messages.find_messages(*CHAT, page_token: newest.meta.prev_page_token).meta.found, false
end

check 'search, by the query and by the body, with times' do
  # The client writes a Time in a form that is not that of RFC 3339.
  from = sent.first.created_at.iso8601(3)
  hits = messages.search_messages(*CHAT, query: 'grusse', from: from, highlight: true)
  equal hits.content.map { |item| item.message.external_id }, [sent[0].external_id]
  body = MessageSearch.new(query: 'third', from: from, client_type: 'PATIENT')
  equal messages.search_messages_by_body(*CHAT, body).content.size, 1
end

check 'read the chat, and mark it as read' do
  chats = ChatsApi.new(service)
  equal chats.get_chat(*CHAT).message_count, 4
  marker = chats.mark_read(*CHAT, ReadUpTo.new(external_id: sent[2].external_id, client_type: 'CARE_TEAM'))
  equal marker.external_id, sent[2].external_id
end

check 'pull events' do
  list = EventsApi.new(service).list_chat_events(*CHAT)
  equal list.events.first.type, 'message.sent'
end

url = "http://127.0.0.1:65535/ruby/#{SecureRandom.hex(4)}"
created = check 'create an endpoint, change and delete it' do
  made = webhooks.create_webhook(*PLACE, NewWebhook.new(url: url, payload: 'THIN', enabled: false))
  id = made.webhook.webhook_id
  equal made.signing_secret.start_with?('whsec_'), true
  changed = webhooks.change_webhook(*PLACE, id, WebhookChange.new(description: 'from Ruby'))
  equal [changed.description, changed.version], ['from Ruby', 2]
  made
end

def refused(what, status, code)
  check what do
    yield
    raise 'It was not refused'
  rescue ApiError => e
    equal e.code, status
    equal JSON.parse(e.response_body)['code'], code
  end
end

refused('401, no valid key', 401, 'unauthenticated') { MessagesApi.new(client(setting('CARECHAT_URL'), 'wrong')).find_messages(*CHAT) }
refused('403, another tenant', 403, 'forbidden') { messages.find_messages('other', 'chat2', CHAT[2]) }
refused('404, no such message', 404, 'not-found') { messages.get_message(*CHAT, "IM#{'0' * 32}") }
refused('409, changed since', 409, 'conflict') { webhooks.change_webhook(*PLACE, created.webhook.webhook_id, WebhookChange.new(version: 1)) }
refused('422, the key of another message', 422, 'idempotency-key-reused') do
  messages.send_message(*CHAT, NewMessage.new(message: 'another'), idempotency_key: 'key-0')
end

check 'the client itself refuses what the pattern forbids' do
  equal NewMessage.new(message: 'x').list_invalid_properties, []
  begin
    NewMessage.new(message: " \t ")
    raise 'It was not refused'
  rescue ArgumentError
    nil
  end
end

check 'what a later version may add is tolerated' do
  equal MessagesApi.new(later).find_messages(*CHAT).content.first.message.sender.client_type, 'LATER'
  equal WebhooksApi.new(later).get_webhook(*PLACE, created.webhook.webhook_id).managed, 'LATER'
  equal ChatsApi.new(later).get_chat(*CHAT).read_markers.first.client_type, 'LATER'
  equal EventsApi.new(later).list_chat_events(*CHAT).events.first.type, 'later.type'
end

check 'delete it' do
  webhooks.delete_webhook(*PLACE, created.webhook.webhook_id)
end

$LOAD_PATH.unshift "#{__dir__}/../target/ruby-webhooks/lib"
require 'carechat_webhooks'

check 'read what a webhook delivers, also of a type that comes later' do
  body = { type: 'later.type', timestamp: '2021-02-08T17:17:29.000Z',
           data: { tenantName: 'test-den', instanceName: 'chat2', later: 1 } }
  event = CarechatWebhooks::WebhookEvent.build_from_hash(JSON.parse(body.to_json, symbolize_names: true))
  equal event.type, 'later.type'
  equal event.timestamp.class, Time
  equal event.list_invalid_properties, []
end

puts 'Ruby: everything is as it should be.'
