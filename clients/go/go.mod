module carechat.example/scenario

go 1.19

require (
	example.com/partner/carechat v0.0.0
	example.com/partner/carechatwebhooks v0.0.0
)

replace (
	example.com/partner/carechat => ../target/go
	example.com/partner/carechatwebhooks => ../target/go-webhooks
)
