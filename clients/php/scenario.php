<?php
// What a partner does with the client that clients/README.md generates for PHP, each step checked.

require_once 'GuzzleHttp/autoload.php';
spl_autoload_register(function (string $class): void {
    foreach (['Carechat\\' => 'php', 'CarechatWebhooks\\' => 'php-webhooks'] as $prefix => $folder) {
        $file = __DIR__ . "/../target/$folder/lib/" . str_replace('\\', '/', substr($class, strlen($prefix))) . '.php';
        if (str_starts_with($class, $prefix) && is_file($file)) {
            require $file;
        }
    }
});

use Carechat\Api\ChatsApi;
use Carechat\Api\EventsApi;
use Carechat\Api\MessagesApi;
use Carechat\Api\WebhooksApi;
use Carechat\ApiException;
use Carechat\Configuration;
use Carechat\Model\CareTeamSender;
use Carechat\Model\MessageSearch;
use Carechat\Model\NewMessage;
use Carechat\Model\NewWebhook;
use Carechat\Model\ReadUpTo;
use Carechat\Model\WebhookChange;

set_error_handler(fn (int $level, string $text, string $file, int $line) => error_reporting() & $level
    ? throw new ErrorException($text, 0, $level, $file, $line) : false, E_ALL & ~E_DEPRECATED);

function setting(string $name): string
{
    return getenv($name) ?: exit("$name is not set. \"./carechat clients php\" sets it.\n");
}

function check(string $what, callable $step): mixed
{
    try {
        $result = $step();
    } catch (Throwable $e) {
        fwrite(STDERR, "FAIL  $what\n$e\n");
        exit(1);
    }
    echo "ok    $what\n";
    return $result;
}

function equal(mixed $actual, mixed $expected): void
{
    if ($actual !== $expected) {
        throw new Exception('expected ' . var_export($expected, true) . "\nbut it was " . var_export($actual, true));
    }
}

function configuration(string $url, string $key): Configuration
{
    return (new Configuration())->setHost($url)->setApiKey('X-API-KEY', $key);
}

// Otherwise a boolean of a query is sent as 0 or 1.
Configuration::getDefaultConfiguration()->setBooleanFormatForQueryString(Configuration::BOOLEAN_FORMAT_STRING);
$service = configuration(setting('CARECHAT_URL'), setting('CARECHAT_API_KEY'));
$later = configuration(setting('CARECHAT_LATER_URL'), setting('CARECHAT_API_KEY'));
$http = new GuzzleHttp\Client();
$messages = new MessagesApi($http, $service);
$webhooks = new WebhooksApi($http, $service);
$hex = bin2hex(random_bytes(16));
$place = ['test-den', 'chat2'];
$chat = [...$place, substr($hex, 0, 8) . '-' . substr($hex, 8, 4) . '-4' . substr($hex, 13, 3) . '-8' . substr($hex, 17, 3) . '-' . substr($hex, 20)];
$nurse = '0b9c2f64-7d0e-4f0c-9d3a-5a1c8f1f2b10';

$sent = check('send: umlauts and emoji come back as they were sent', function () use ($messages, $chat) {
    $sent = [];
    foreach (["Grüße aus Köln 😀", 'second', 'third'] as $i => $text) {
        $message = $messages->sendMessage(...[...$chat, new NewMessage(['message' => $text]), "key-$i"]);
        equal($message->getMessage(), $text);
        equal($message->getCreatedAt() instanceof DateTime, true);
        $sent[] = $message;
    }
    return $sent;
});

check('send for the care team', function () use ($messages, $chat, $nurse) {
    $sender = new CareTeamSender(['id' => $nurse, 'title_name' => 'Nurse']);
    $message = $messages->sendMessage(...[...$chat, new NewMessage(['message' => 'Good morning', 'sender' => $sender])]);
    equal($message->getSender()->getClientType(), 'CARE_TEAM');
});

check('the same Idempotency-Key again is the same message', function () use ($messages, $chat, $sent) {
    $again = $messages->sendMessage(...[...$chat, new NewMessage(['message' => 'second']), 'key-1']);
    equal($again->getExternalId(), $sent[1]->getExternalId());
});

check('find to the end in both directions', function () use ($messages, $chat) {
    $found = [];
    $newest = $page = $messages->findMessages(...[...$chat, 2]);
    while (true) {
        foreach ($page->getContent() as $item) {
            $found[] = $item->getMessage()->getMessage();
        }
        $token = $page->getMeta()->getNextPageToken();
        if ($token === null) {
            break;
        }
        $page = $messages->findMessages(...[...$chat, null, $token]);
    }
    equal($found, ['Good morning', 'third', 'second', 'Grüße aus Köln 😀']);
    $later = $messages->findMessages(...[...$chat, null, $newest->getMeta()->getPrevPageToken()]);
    equal($later->getMeta()->getFound(), false);
});

check('search, by the query and by the body, with times', function () use ($messages, $chat, $sent) {
    $from = $sent[0]->getCreatedAt();
    // In a query, the client cannot write a DateTime itself.
    $hits = $messages->searchMessages(...$chat, query: 'grusse', from: $from->format(DATE_RFC3339_EXTENDED), highlight: true);
    equal(count($hits->getContent()), 1);
    $search = new MessageSearch(['query' => 'third', 'from' => $from, 'client_type' => 'PATIENT']);
    equal(count($messages->searchMessagesByBody(...[...$chat, $search])->getContent()), 1);
});

check('read the chat, and mark it as read', function () use ($http, $service, $chat, $sent) {
    $chats = new ChatsApi($http, $service);
    equal($chats->getChat(...$chat)->getMessageCount(), 4);
    $marker = $chats->markRead(...[...$chat, new ReadUpTo(['external_id' => $sent[2]->getExternalId(), 'client_type' => 'CARE_TEAM'])]);
    equal($marker->getExternalId(), $sent[2]->getExternalId());
});

check('pull events', function () use ($http, $service, $chat) {
    equal((new EventsApi($http, $service))->listChatEvents(...$chat)->getEvents()[0]->getType(), 'message.sent');
});

$id = check('create an endpoint, and change it', function () use ($webhooks, $place) {
    $url = 'http://127.0.0.1:65535/php/' . bin2hex(random_bytes(4));
    $made = $webhooks->createWebhook(...[...$place, new NewWebhook(['url' => $url, 'payload' => 'THIN', 'enabled' => false])]);
    $id = $made->getWebhook()->getWebhookId();
    $changed = $webhooks->changeWebhook(...[...$place, $id, new WebhookChange(['description' => 'from PHP'])]);
    equal([$changed->getDescription(), $changed->getVersion()], ['from PHP', 2]);
    return $id;
});

function refused(string $what, int $status, string $code, callable $call): void
{
    check($what, function () use ($status, $code, $call) {
        try {
            $call();
        } catch (ApiException $e) {
            equal($e->getCode(), $status);
            equal(json_decode($e->getResponseBody())->code, $code);
            return;
        }
        throw new Exception('It was not refused');
    });
}

refused('401, no valid key', 401, 'unauthenticated', fn () => (new MessagesApi($http, configuration(setting('CARECHAT_URL'), 'wrong')))->findMessages(...$chat));
refused('403, another tenant', 403, 'forbidden', fn () => $messages->findMessages('other', 'chat2', $chat[2]));
refused('404, no such message', 404, 'not-found', fn () => $messages->getMessage(...[...$chat, 'IM' . str_repeat('0', 32)]));
refused('409, changed since', 409, 'conflict', fn () => $webhooks->changeWebhook(...[...$place, $id, new WebhookChange(['version' => 1])]));
refused('422, the key of another message', 422, 'idempotency-key-reused', fn () => $messages->sendMessage(...[...$chat, new NewMessage(['message' => 'another']), 'key-0']));

check('the client itself refuses what the pattern forbids', function () {
    equal((new NewMessage(['message' => 'Grüße']))->listInvalidProperties(), []);
    equal(count((new NewMessage(['message' => " \t "]))->listInvalidProperties()), 1);
});

check('what a later version may add is tolerated', function () use ($http, $later, $chat, $place, $id) {
    equal((new MessagesApi($http, $later))->findMessages(...$chat)->getContent()[0]->getMessage()->getSender()->getClientType(), 'LATER');
    equal((new WebhooksApi($http, $later))->getWebhook(...[...$place, $id])->getManaged(), 'LATER');
    equal((new ChatsApi($http, $later))->getChat(...$chat)->getReadMarkers()[0]->getClientType(), 'LATER');
    equal((new EventsApi($http, $later))->listChatEvents(...$chat)->getEvents()[0]->getType(), 'later.type');
});

check('delete it', fn () => $webhooks->deleteWebhook(...[...$place, $id]));

check('read what a webhook delivers, also of a type that comes later', function () {
    $body = '{"type":"later.type","timestamp":"2021-02-08T17:17:29.000Z","data":{"tenantName":"test-den","instanceName":"chat2","later":1}}';
    $event = CarechatWebhooks\ObjectSerializer::deserialize(json_decode($body), CarechatWebhooks\Model\WebhookEvent::class);
    equal($event->getType(), 'later.type');
    equal($event->getTimestamp()->format('c'), '2021-02-08T17:17:29+00:00');
    equal($event->listInvalidProperties(), []);
});

echo "PHP: everything is as it should be.\n";
