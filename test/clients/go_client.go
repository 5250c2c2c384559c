// go_client.go ENDPOINT: the Go SDK against the gateway.  TAP on standard output.
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

const (
	role       = "arn:aws:iam::000000000000:role/app"
	definition = `{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}`
)

// Loses the first answer, when the request has been done.
type losesFirst struct{ lost bool }

func (l *losesFirst) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil || l.lost {
		return answer, err
	}
	l.lost = true
	answer.Body.Close()
	return nil, &url.Error{Op: "Post", URL: "", Err: &net.OpError{Op: "read", Err: syscall.ECONNRESET}}
}

func main() {
	ctx := context.Background()
	client := newClient(http.DefaultTransport)
	suffix := fmt.Sprint(os.Getpid())

	made, err := client.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{Name: aws.String("go-" + suffix), Definition: aws.String(definition), RoleArn: aws.String(role)})
	done("create", err)
	if err != nil {
		end()
	}
	check("... has a date", made.CreationDate != nil && made.CreationDate.Year() > 2020, made)
	express, err := client.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{Name: aws.String("gox-" + suffix), Definition: aws.String(definition), RoleArn: aws.String(role), Type: types.StateMachineTypeExpress})
	done("create an EXPRESS one", err)

	names := map[string]bool{}
	pages := sfn.NewListStateMachinesPaginator(client, &sfn.ListStateMachinesInput{MaxResults: 1})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			done("a page", err)
			break
		}
		for _, machine := range page.StateMachines {
			names[*machine.Name] = true
		}
	}
	check("pages", names["go-"+suffix] && names["gox-"+suffix], names)

	_, err = client.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: aws.String(*made.StateMachineArn + "x")})
	isError[*types.StateMachineDoesNotExist]("a typed error", err)
	input := `{"a":"ß☃𝄞"}`
	ended, err := client.StartSyncExecution(ctx, &sfn.StartSyncExecutionInput{StateMachineArn: express.StateMachineArn, Input: &input})
	check("a synchronous one, with all letters", err == nil && *ended.Output == input, err)
	tested, err := client.TestState(ctx, &sfn.TestStateInput{Definition: aws.String(`{"Type": "Pass", "End": true}`), RoleArn: aws.String(role)})
	check("TestState", err == nil && tested.Status == types.TestExecutionStatusSucceeded, err)

	flaky := newClient(&losesFirst{})
	other, err := client.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{Name: aws.String("goonce-" + suffix), Definition: aws.String(definition), RoleArn: aws.String(role)})
	done("another machine", err)
	_, err = flaky.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: other.StateMachineArn})
	done("a start whose answer is lost", err)
	executions, err := client.ListExecutions(ctx, &sfn.ListExecutionsInput{StateMachineArn: other.StateMachineArn})
	check("... has started one execution", err == nil && len(executions.Executions) == 1, err, executions)
	for _, machine := range []*sfn.CreateStateMachineOutput{made, express, other} {
		_, err = client.DeleteStateMachine(ctx, &sfn.DeleteStateMachineInput{StateMachineArn: machine.StateMachineArn})
		done("delete", err)
	}
	end()
}
