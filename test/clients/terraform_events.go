// What Terraform's provider calls for event buses, rules, targets, schedules and their groups.
package main

import (
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	schedulertypes "github.com/aws/aws-sdk-go-v2/service/scheduler/types"
)

var bus *eventbridge.Client

func eventTags(arn *string) map[string]string {
	tags := map[string]string{}
	answer, err := bus.ListTagsForResource(ctx, &eventbridge.ListTagsForResourceInput{ResourceARN: arn})
	done("ListTagsForResource", err)
	if err == nil {
		for _, tag := range answer.Tags {
			tags[*tag.Key] = *tag.Value
		}
	}
	return tags
}

// aws_cloudwatch_event_rule with aws_cloudwatch_event_target; what it is told by is in the rule.
func rule(rule eventbridge.PutRuleInput, machine *string) {
	rule.State = eventtypes.RuleStateEnabled
	rule.Description = aws.String("by terraform")
	rule.Tags = []eventtypes.Tag{{Key: aws.String("team"), Value: aws.String("shop")}}
	put, err := bus.PutRule(ctx, &rule)
	done("rule: create", err)
	if err != nil {
		return
	}
	describe := &eventbridge.DescribeRuleInput{Name: rule.Name, EventBusName: rule.EventBusName}
	seen, err := bus.DescribeRule(ctx, describe)
	check("... is as it was given", err == nil && *seen.Arn == *put.RuleArn && aws.ToString(seen.EventPattern) == aws.ToString(rule.EventPattern) &&
		aws.ToString(seen.ScheduleExpression) == aws.ToString(rule.ScheduleExpression) && seen.State == rule.State &&
		*seen.Description == *rule.Description && *seen.EventBusName == *rule.EventBusName, err)
	check("... its tags", eventTags(put.RuleArn)["team"] == "shop")

	target := eventtypes.Target{Id: aws.String("machine"), Arn: machine, RoleArn: aws.String(role), InputPath: aws.String("$.detail"),
		RetryPolicy: &eventtypes.RetryPolicy{MaximumRetryAttempts: aws.Int32(3), MaximumEventAgeInSeconds: aws.Int32(600)}}
	targets, err := bus.PutTargets(ctx, &eventbridge.PutTargetsInput{Rule: rule.Name, EventBusName: rule.EventBusName, Targets: []eventtypes.Target{target}})
	check("target: create", err == nil && targets.FailedEntryCount == 0, err)
	list, err := bus.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: rule.Name, EventBusName: rule.EventBusName})
	check("... is as it was given", err == nil && len(list.Targets) == 1 && *list.Targets[0].Arn == *machine && *list.Targets[0].RoleArn == role &&
		*list.Targets[0].InputPath == "$.detail" && *list.Targets[0].RetryPolicy.MaximumRetryAttempts == 3 && list.NextToken == nil, err)

	rule.State = eventtypes.RuleStateDisabled
	rule.Tags = nil
	_, err = bus.PutRule(ctx, &rule)
	done("rule: update", err)
	until("... until it is seen", func() bool {
		seen, err := bus.DescribeRule(ctx, describe)
		return err == nil && seen.State == eventtypes.RuleStateDisabled
	})
	_, err = bus.TagResource(ctx, &eventbridge.TagResourceInput{ResourceARN: put.RuleArn, Tags: []eventtypes.Tag{{Key: aws.String("stage"), Value: aws.String("test")}}})
	done("tag", err)
	_, err = bus.UntagResource(ctx, &eventbridge.UntagResourceInput{ResourceARN: put.RuleArn, TagKeys: []string{"team"}})
	done("untag", err)
	tags := eventTags(put.RuleArn)
	check("... tags as they should be", len(tags) == 1 && tags["stage"] == "test", tags)

	removed, err := bus.RemoveTargets(ctx, &eventbridge.RemoveTargetsInput{Rule: rule.Name, EventBusName: rule.EventBusName, Ids: []string{"machine"}})
	check("target: delete", err == nil && removed.FailedEntryCount == 0, err)
	_, err = bus.DeleteRule(ctx, &eventbridge.DeleteRuleInput{Name: rule.Name, EventBusName: rule.EventBusName})
	done("rule: delete", err)
	_, err = bus.DescribeRule(ctx, describe)
	isError[*eventtypes.ResourceNotFoundException]("... gone", err)
}

// The policy of a bus as it is seen; "": it has none.
func busPolicy(name *string) string {
	seen, err := bus.DescribeEventBus(ctx, &eventbridge.DescribeEventBusInput{Name: name})
	done("DescribeEventBus", err)
	if err != nil {
		return ""
	}
	return aws.ToString(seen.Policy)
}

// aws_cloudwatch_event_permission and aws_cloudwatch_event_bus_policy
func permissions(name *string, arn *string) {
	put := func(id string, principal string) {
		_, err := bus.PutPermission(ctx, &eventbridge.PutPermissionInput{EventBusName: name, StatementId: &id, Principal: &principal, Action: aws.String("events:PutEvents")})
		done("permission: put "+id+" for "+principal, err)
	}
	put("shop", "*")
	check("... is in the policy", strings.Contains(busPolicy(name), `"Sid":"shop","Effect":"Allow","Principal":"*","Action":"events:PutEvents"`))
	put("shop", "000000000000")
	check("... and changed in its place", strings.Contains(busPolicy(name), `"Sid":"shop","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:root"}`))
	_, err := bus.RemovePermission(ctx, &eventbridge.RemovePermissionInput{EventBusName: name, StatementId: aws.String("shop")})
	done("permission: delete", err)
	check("... gone", busPolicy(name) == "")

	policy := `{"Version":"2012-10-17","Statement":[{"Sid":"all","Effect":"Allow","Principal":"*","Action":"events:PutEvents","Resource":"` + *arn + `"}]}`
	_, err = bus.PutPermission(ctx, &eventbridge.PutPermissionInput{EventBusName: name, Policy: &policy})
	done("bus policy: create", err)
	check("... is as it was given", busPolicy(name) == policy, busPolicy(name))
	_, err = bus.RemovePermission(ctx, &eventbridge.RemovePermissionInput{EventBusName: name, RemoveAllPermissions: true})
	done("bus policy: delete", err)
	check("... gone", busPolicy(name) == "")
}

func events(name string, machine *string) {
	bus = eventbridge.New(eventbridge.Options{Region: "us-east-1", BaseEndpoint: &os.Args[1], Credentials: asTest})
	made, err := bus.CreateEventBus(ctx, &eventbridge.CreateEventBusInput{Name: &name, Tags: []eventtypes.Tag{{Key: aws.String("team"), Value: aws.String("shop")}}})
	done("bus: create", err)
	if err != nil {
		return
	}
	seen, err := bus.DescribeEventBus(ctx, &eventbridge.DescribeEventBusInput{Name: &name})
	check("... describe", err == nil && *seen.Name == name && *seen.Arn == *made.EventBusArn, err)
	check("... its tags", eventTags(made.EventBusArn)["team"] == "shop")
	permissions(&name, made.EventBusArn)
	rule(eventbridge.PutRuleInput{Name: &name, EventBusName: &name, EventPattern: aws.String(`{"source":["shop"]}`)}, machine)
	rule(eventbridge.PutRuleInput{Name: &name, EventBusName: aws.String("default"), ScheduleExpression: aws.String("rate(1 hour)")}, machine)
	_, err = bus.DeleteEventBus(ctx, &eventbridge.DeleteEventBusInput{Name: &name})
	done("bus: delete", err)
	_, err = bus.DescribeEventBus(ctx, &eventbridge.DescribeEventBusInput{Name: &name})
	isError[*eventtypes.ResourceNotFoundException]("... gone", err)
}

// aws_scheduler_schedule_group and aws_scheduler_schedule
func schedules(name string, machine *string) {
	client := scheduler.New(scheduler.Options{Region: "us-east-1", BaseEndpoint: &os.Args[1], Credentials: asTest})
	_, err := client.CreateScheduleGroup(ctx, &scheduler.CreateScheduleGroupInput{Name: &name, Tags: []schedulertypes.Tag{{Key: aws.String("team"), Value: aws.String("shop")}}})
	done("schedule group: create", err)
	until("... until it is active", func() bool {
		group, err := client.GetScheduleGroup(ctx, &scheduler.GetScheduleGroupInput{Name: &name})
		return err == nil && group.State == schedulertypes.ScheduleGroupStateActive
	})
	create := &scheduler.CreateScheduleInput{Name: &name, GroupName: &name, ScheduleExpression: aws.String("cron(0 2 * * ? *)"),
		ScheduleExpressionTimezone: aws.String("Europe/Berlin"), State: schedulertypes.ScheduleStateEnabled, FlexibleTimeWindow: &schedulertypes.FlexibleTimeWindow{Mode: schedulertypes.FlexibleTimeWindowModeOff},
		Target: &schedulertypes.Target{Arn: machine, RoleArn: aws.String(role), Input: aws.String(`{"n": 1}`)}}
	made, err := client.CreateSchedule(ctx, create)
	done("schedule: create", err)
	get := &scheduler.GetScheduleInput{Name: &name, GroupName: &name}
	seen, err := client.GetSchedule(ctx, get)
	check("... is as it was given", err == nil && *seen.Arn == *made.ScheduleArn && *seen.ScheduleExpression == *create.ScheduleExpression && *seen.ScheduleExpressionTimezone == "Europe/Berlin" &&
		seen.State == create.State && seen.FlexibleTimeWindow.Mode == create.FlexibleTimeWindow.Mode && *seen.Target.Arn == *machine && *seen.Target.RoleArn == role && *seen.Target.Input == `{"n": 1}`, err)
	_, err = client.UpdateSchedule(ctx, &scheduler.UpdateScheduleInput{Name: &name, GroupName: &name, ScheduleExpression: aws.String("rate(1 hour)"),
		State: schedulertypes.ScheduleStateDisabled, FlexibleTimeWindow: create.FlexibleTimeWindow, Target: create.Target})
	done("... update", err)
	seen, err = client.GetSchedule(ctx, get)
	check("... is changed", err == nil && *seen.ScheduleExpression == "rate(1 hour)" && seen.State == schedulertypes.ScheduleStateDisabled, err)
	_, err = client.DeleteSchedule(ctx, &scheduler.DeleteScheduleInput{Name: &name, GroupName: &name})
	done("... delete", err)
	_, err = client.GetSchedule(ctx, get)
	isError[*schedulertypes.ResourceNotFoundException]("... gone", err)
	_, err = client.DeleteScheduleGroup(ctx, &scheduler.DeleteScheduleGroupInput{Name: &name})
	done("schedule group: delete", err)
	until("... until it is gone", func() bool {
		_, err := client.GetScheduleGroup(ctx, &scheduler.GetScheduleGroupInput{Name: &name})
		return err != nil
	})
}
