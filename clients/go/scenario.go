// What a partner does with the client that clients/README.md generates for Go, each step checked.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"strings"

	"example.com/partner/carechat"
	"example.com/partner/carechatwebhooks"
)

func setting(name string) string {
	value := os.Getenv(name)
	if value == "" {
		fmt.Fprintf(os.Stderr, "%s is not set. \"./carechat clients go\" sets it.\n", name)
		os.Exit(1)
	}
	return value
}

func check(what string, step func()) {
	defer func() {
		if failure := recover(); failure != nil {
			fmt.Fprintf(os.Stderr, "FAIL  %s\n%v\n", what, failure)
			os.Exit(1)
		}
		fmt.Println("ok   ", what)
	}()
	step()
}

func equal(actual, expected any) {
	if !reflect.DeepEqual(actual, expected) {
		panic(fmt.Sprintf("expected %#v\nbut it was %#v", expected, actual))
	}
}

// done gives the result of a call that must succeed.
func done[T any](result T, _ *http.Response, err error) T {
	if err != nil {
		var problem *carechat.GenericOpenAPIError
		if errors.As(err, &problem) {
			panic(fmt.Sprint(err, " ", string(problem.Body())))
		}
		panic(err)
	}
	return result
}

func randomUUID() string {
	b := make([]byte, 16)
	if _, err := rand.Read(b); err != nil {
		panic(err)
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func client(url, key string) *carechat.APIClient {
	configuration := carechat.NewConfiguration()
	configuration.Servers = carechat.ServerConfigurations{{URL: url}}
	configuration.AddDefaultHeader("X-API-KEY", key)
	return carechat.NewAPIClient(configuration)
}

func main() {
	const tenant, instance = "test-den", "chat2"
	ctx := context.Background()
	patient := randomUUID()
	service := client(setting("CARECHAT_URL"), setting("CARECHAT_API_KEY"))
	later := client(setting("CARECHAT_LATER_URL"), setting("CARECHAT_API_KEY"))
	messages := service.MessagesAPI

	var sent []*carechat.Message
	check("send: umlauts and emoji come back as they were sent", func() {
		for i, text := range []string{"Grüße aus Köln 😀", "second", "third"} {
			message := done(messages.SendMessage(ctx, tenant, instance, patient).
				MessageToSend(*carechat.NewMessageToSend(text)).IdempotencyKey(fmt.Sprint("key-", i)).Execute())
			equal(message.GetMessage(), text)
			sent = append(sent, message)
		}
	})
	check("send for the care team, without a title", func() {
		sender := carechat.NewCareTeamSender(randomUUID())
		sender.SetTitleNameNil()
		message := carechat.NewMessageToSend("Good morning")
		message.SetSender(*sender)
		answer := done(messages.SendMessage(ctx, tenant, instance, patient).MessageToSend(*message).Execute())
		equal(answer.Sender.GetClientType(), carechat.CLIENTTYPE_CARE_TEAM)
	})
	check("the same Idempotency-Key again is the same message", func() {
		again := done(messages.SendMessage(ctx, tenant, instance, patient).
			MessageToSend(*carechat.NewMessageToSend("second")).IdempotencyKey("key-1").Execute())
		equal(again.GetExternalId(), sent[1].GetExternalId())
	})
	check("find to the end in both directions", func() {
		var found []string
		page := done(messages.FindMessages(ctx, tenant, instance, patient).PageSize(2).Execute())
		newest := page
		for {
			for _, item := range page.Content {
				found = append(found, item.Message.GetMessage())
			}
			if page.Meta.GetNextPageToken() == "" {
				break
			}
			page = done(messages.FindMessages(ctx, tenant, instance, patient).
				PageToken(page.Meta.GetNextPageToken()).Execute())
		}
		equal(found, []string{"Good morning", "third", "second", "Grüße aus Köln 😀"})
		after := done(messages.FindMessages(ctx, tenant, instance, patient).
			PageToken(newest.Meta.GetPrevPageToken()).Execute())
		equal(after.Meta.GetFound(), false)
	})
	check("search, by the query and by the body, with times", func() {
		hits := done(messages.SearchMessages(ctx, tenant, instance, patient).
			Query("grusse").From(sent[0].GetCreatedAt()).Highlight(true).Execute())
		equal(len(hits.Content), 1)
		search := carechat.NewMessageSearch()
		search.SetQuery("third")
		search.SetFrom(sent[0].GetCreatedAt())
		search.SetClientType(carechat.CLIENTTYPE_PATIENT)
		hits = done(messages.SearchMessagesByBody(ctx, tenant, instance, patient).MessageSearch(*search).Execute())
		equal(len(hits.Content), 1)
	})
	check("read the chat, and mark it as read", func() {
		equal(done(service.ChatsAPI.GetChat(ctx, tenant, instance, patient).Execute()).GetMessageCount(), int32(4))
		upTo := carechat.NewReadUpTo(sent[2].GetExternalId())
		upTo.SetClientType(carechat.CLIENTTYPE_CARE_TEAM)
		marker := done(service.ChatsAPI.MarkRead(ctx, tenant, instance, patient).ReadUpTo(*upTo).Execute())
		equal(marker.GetExternalId(), sent[2].GetExternalId())
	})
	check("pull events", func() {
		list := done(service.EventsAPI.ListChatEvents(ctx, tenant, instance, patient).Execute())
		equal(list.Events[0].GetType(), "message.sent")
	})
	var webhook string
	check("create an endpoint, and change it", func() {
		wanted := carechat.NewWebhookToCreate("http://127.0.0.1:65535/go/"+randomUUID(), carechat.WEBHOOKPAYLOAD_THIN)
		wanted.SetEnabled(false)
		made := done(service.WebhooksAPI.CreateWebhook(ctx, tenant, instance).WebhookToCreate(*wanted).Execute())
		equal(strings.HasPrefix(made.GetSigningSecret(), "whsec_"), true)
		webhook = made.Webhook.GetWebhookId()
		change := carechat.NewWebhookChange()
		change.SetDescription("from Go")
		changed := done(service.WebhooksAPI.ChangeWebhook(ctx, tenant, instance, webhook).WebhookChange(*change).Execute())
		equal([]any{changed.GetDescription(), changed.GetVersion()}, []any{"from Go", int64(2)})
	})

	refused := func(what string, status int, code string, call func() (*http.Response, error)) {
		check(what, func() {
			answer, err := call()
			var refusal *carechat.GenericOpenAPIError
			if !errors.As(err, &refusal) {
				panic("It was not refused")
			}
			equal(answer.StatusCode, status)
			equal(refusal.Model().(carechat.Problem).Code, code)
		})
	}
	find := func(by *carechat.APIClient, tenant string) (*http.Response, error) {
		_, answer, err := by.MessagesAPI.FindMessages(ctx, tenant, instance, patient).Execute()
		return answer, err
	}
	refused("401, no valid key", 401, "unauthenticated", func() (*http.Response, error) {
		return find(client(setting("CARECHAT_URL"), "wrong"), tenant)
	})
	refused("403, another tenant", 403, "forbidden", func() (*http.Response, error) { return find(service, "other") })
	refused("404, no such message", 404, "not-found", func() (*http.Response, error) {
		_, answer, err := messages.GetMessage(ctx, tenant, instance, patient, "IM"+strings.Repeat("0", 32)).Execute()
		return answer, err
	})
	refused("400, a blank message", 400, "invalid-request", func() (*http.Response, error) {
		_, answer, err := messages.SendMessage(ctx, tenant, instance, patient).
			MessageToSend(*carechat.NewMessageToSend(" ")).Execute()
		return answer, err
	})
	refused("409, changed since", 409, "conflict", func() (*http.Response, error) {
		change := carechat.NewWebhookChange()
		change.SetVersion(1)
		_, answer, err := service.WebhooksAPI.ChangeWebhook(ctx, tenant, instance, webhook).WebhookChange(*change).Execute()
		return answer, err
	})
	refused("422, the key of another message", 422, "idempotency-key-reused", func() (*http.Response, error) {
		_, answer, err := messages.SendMessage(ctx, tenant, instance, patient).
			MessageToSend(*carechat.NewMessageToSend("another")).IdempotencyKey("key-0").Execute()
		return answer, err
	})

	check("what a later version may add is tolerated", func() {
		page := done(later.MessagesAPI.FindMessages(ctx, tenant, instance, patient).Execute())
		equal(page.Content[0].Message.Sender.GetClientType(), carechat.CLIENTTYPE_UNKNOWN_DEFAULT_OPEN_API)
		equal(page.Content[0].Message.GetMessage(), "Good morning")
		seen := done(later.WebhooksAPI.GetWebhook(ctx, tenant, instance, webhook).Execute())
		equal(seen.GetManaged(), carechat.WEBHOOKMANAGER_UNKNOWN_DEFAULT_OPEN_API)
		chat := done(later.ChatsAPI.GetChat(ctx, tenant, instance, patient).Execute())
		equal(chat.ReadMarkers[0].GetClientType(), carechat.CLIENTTYPE_UNKNOWN_DEFAULT_OPEN_API)
		list := done(later.EventsAPI.ListChatEvents(ctx, tenant, instance, patient).Execute())
		equal(list.Events[0].GetType(), "later.type")
	})
	check("delete it", func() {
		if _, err := service.WebhooksAPI.DeleteWebhook(ctx, tenant, instance, webhook).Execute(); err != nil {
			panic(err)
		}
	})
	check("read what a webhook delivers, also of a type that comes later", func() {
		var event carechatwebhooks.WebhookEvent
		body := `{"type":"later.type","timestamp":"2021-02-08T17:17:29.000Z",
			"data":{"tenantName":"test-den","instanceName":"chat2","clientType":"LATER","later":1},"later":1}`
		if err := json.Unmarshal([]byte(body), &event); err != nil {
			panic(err)
		}
		equal(event.GetType(), "later.type")
	})
	fmt.Println("Go: everything is as it should be.")
}
