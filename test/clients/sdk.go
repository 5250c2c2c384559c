// A client of the Go SDK that calls the gateway as the key test.
package main

import (
	"context"
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Its sync- names lead nowhere here.
var withoutPrefix = middleware.InitializeMiddlewareFunc("WithoutPrefix",
	func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		return next.HandleInitialize(smithyhttp.DisableEndpointHostPrefix(ctx, true), in)
	})

var asTest = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
})

func newClient(transport http.RoundTripper) *sfn.Client {
	endpoint := os.Args[1]
	return sfn.New(sfn.Options{
		Region:       "us-east-1",
		BaseEndpoint: &endpoint,
		HTTPClient:   &http.Client{Transport: transport},
		Credentials:  asTest,
		APIOptions: []func(*middleware.Stack) error{
			func(stack *middleware.Stack) error { return stack.Initialize.Add(withoutPrefix, middleware.Before) },
		},
	})
}
