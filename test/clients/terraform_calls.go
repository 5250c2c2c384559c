// terraform_calls.go ENDPOINT: what Terraform's provider calls, in its order, and what it compares.  TAP on standard output.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

const (
	role = "arn:aws:iam::123456789012:role/service-role/some.other-role"
	// blanks, order and escapes have to come back as they are
	first  = "{\n  \"StartAt\": \"P\",\n  \"States\": { \"P\" : {\"Type\": \"Pass\", \"Comment\": \"\\u00fc \\/\", \"End\": true}}}\n"
	second = "{\"States\": {\"Q\": {\"End\": true, \"Type\": \"Pass\"}}, \"StartAt\": \"Q\"}"
)

var (
	ctx    = context.Background()
	client *sfn.Client
)

// Asks until it is so, as the provider's waiters do.
func until(name string, is func() bool) {
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		if is() {
			check(name, true)
			return
		}
	}
	check(name, false)
}

func tagsOf(arn *string) map[string]string {
	tags := map[string]string{}
	answer, err := client.ListTagsForResource(ctx, &sfn.ListTagsForResourceInput{ResourceArn: arn})
	done("ListTagsForResource", err)
	if err == nil {
		for _, tag := range answer.Tags {
			tags[*tag.Key] = *tag.Value
		}
	}
	return tags
}

func stateMachine(name string) *string {
	valid, err := client.ValidateStateMachineDefinition(ctx, &sfn.ValidateStateMachineDefinitionInput{Definition: aws.String(first), Type: types.StateMachineTypeStandard})
	check("plan: the definition is valid", err == nil && valid.Result == types.ValidateStateMachineDefinitionResultCodeOk, err)
	made, err := client.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{
		Name: &name, Definition: aws.String(first), RoleArn: aws.String(role), Type: types.StateMachineTypeStandard, Publish: true,
		LoggingConfiguration: &types.LoggingConfiguration{Level: types.LogLevelOff},
		TracingConfiguration: &types.TracingConfiguration{},
		Tags:                 []types.Tag{{Key: aws.String("team"), Value: aws.String("shop")}},
	})
	done("create", err)
	if err != nil {
		end()
	}
	arn := made.StateMachineArn
	seen, err := client.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: arn})
	check("... its definition is as it was given, byte for byte", err == nil && *seen.Definition == first, err)
	check("... and its role", err == nil && *seen.RoleArn == role)
	check("... and all else that the provider reads", err == nil && *seen.Name == name && seen.CreationDate != nil && seen.Type == types.StateMachineTypeStandard &&
		seen.Status == types.StateMachineStatusActive && seen.LoggingConfiguration != nil && seen.TracingConfiguration != nil, seen)
	versions, err := client.ListStateMachineVersions(ctx, &sfn.ListStateMachineVersionsInput{StateMachineArn: arn})
	check("... one version", err == nil && len(versions.StateMachineVersions) == 1 && *versions.StateMachineVersions[0].StateMachineVersionArn == *made.StateMachineVersionArn, err)
	check("... its tags", tagsOf(arn)["team"] == "shop")

	_, err = client.UpdateStateMachine(ctx, &sfn.UpdateStateMachineInput{StateMachineArn: arn, Definition: aws.String(second), RoleArn: aws.String(role),
		Publish: true, VersionDescription: aws.String("")})
	done("update", err)
	until("... until it is seen", func() bool {
		seen, err := client.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: arn})
		return err == nil && *seen.Definition == second
	})
	_, err = client.TagResource(ctx, &sfn.TagResourceInput{ResourceArn: arn, Tags: []types.Tag{{Key: aws.String("stage"), Value: aws.String("test")}}})
	done("tag", err)
	_, err = client.UntagResource(ctx, &sfn.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"team"}})
	done("untag", err)
	tags := tagsOf(arn)
	check("... tags as they should be", len(tags) == 1 && tags["stage"] == "test", tags)
	return arn
}

func alias(machine *string) {
	routes := func(version int) []types.RoutingConfigurationListItem {
		return []types.RoutingConfigurationListItem{{StateMachineVersionArn: aws.String(fmt.Sprintf("%s:%d", *machine, version)), Weight: 100}}
	}
	made, err := client.CreateStateMachineAlias(ctx, &sfn.CreateStateMachineAliasInput{Name: aws.String("live"), Description: aws.String(""), RoutingConfiguration: routes(1)})
	done("alias: create with an empty description", err)
	if err != nil {
		return
	}
	arn := made.StateMachineAliasArn
	seen, err := client.DescribeStateMachineAlias(ctx, &sfn.DescribeStateMachineAliasInput{StateMachineAliasArn: arn})
	check("... describe", err == nil && *seen.Name == "live" && len(seen.RoutingConfiguration) == 1 && seen.CreationDate != nil && seen.UpdateDate != nil, err)
	_, err = client.UpdateStateMachineAlias(ctx, &sfn.UpdateStateMachineAliasInput{StateMachineAliasArn: arn, Description: aws.String("d"), RoutingConfiguration: routes(2)})
	done("... update", err)
	list, err := client.ListStateMachineAliases(ctx, &sfn.ListStateMachineAliasesInput{StateMachineArn: machine})
	check("... list", err == nil && len(list.StateMachineAliases) == 1, err)
	_, err = client.DeleteStateMachineAlias(ctx, &sfn.DeleteStateMachineAliasInput{StateMachineAliasArn: arn})
	done("... delete", err)
	_, err = client.DescribeStateMachineAlias(ctx, &sfn.DescribeStateMachineAliasInput{StateMachineAliasArn: arn})
	isError[*types.ResourceNotFound]("... gone", err)
}

func activity(name string) {
	made, err := client.CreateActivity(ctx, &sfn.CreateActivityInput{Name: &name, Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("shop")}}})
	done("activity: create", err)
	if err != nil {
		return
	}
	seen, err := client.DescribeActivity(ctx, &sfn.DescribeActivityInput{ActivityArn: made.ActivityArn})
	check("... has a date", err == nil && *seen.Name == name && seen.CreationDate != nil, err)
	check("... its tags", tagsOf(made.ActivityArn)["team"] == "shop")
	list, err := client.ListActivities(ctx, &sfn.ListActivitiesInput{})
	check("... is listed", err == nil && len(list.Activities) > 0, err)
	_, err = client.DeleteActivity(ctx, &sfn.DeleteActivityInput{ActivityArn: made.ActivityArn})
	done("... delete", err)
	_, err = client.DescribeActivity(ctx, &sfn.DescribeActivityInput{ActivityArn: made.ActivityArn})
	isError[*types.ActivityDoesNotExist]("... gone", err)
}

func main() {
	client = newClient(http.DefaultTransport)
	suffix := fmt.Sprint(os.Getpid())
	arn := stateMachine("terraform-" + suffix)
	alias(arn)
	activity("terraform-" + suffix)
	events("terraform-"+suffix, arn)
	schedules("terraform-"+suffix, arn)

	started, err := client.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: arn, Input: aws.String(`{"n": 1}`), Name: aws.String("by-action")})
	check("action: start", err == nil && started.StartDate != nil, err)
	found := false
	pages := sfn.NewListStateMachinesPaginator(client, &sfn.ListStateMachinesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			done("a page", err)
			break
		}
		for _, machine := range page.StateMachines {
			found = found || *machine.StateMachineArn == *arn
		}
	}
	check("data source: it is listed", found)

	_, err = client.DeleteStateMachine(ctx, &sfn.DeleteStateMachineInput{StateMachineArn: arn})
	done("delete", err)
	until("... until it is gone", func() bool {
		_, err := client.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: arn})
		return err != nil
	})
	_, err = client.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: arn})
	isError[*types.StateMachineDoesNotExist]("... by the error that says so", err)
	end()
}
