#!/bin/bash
#
# cli.sh ENDPOINT AWS
#	  The aws cli against the gateway, as users call it.  TAP on standard output.
set -uo pipefail
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1 AWS_ENDPOINT_URL=$1
export AWS_DISABLE_HOST_PREFIX_INJECTION=true AWS_EC2_METADATA_DISABLED=true AWS_PAGER=
endpoint=$1 aws=$2
count=0 failed=0

check()				# check NAME EXPECTED-PATTERN COMMAND...
{
	local name=$1 pattern=$2 said
	shift 2
	said=$("$@" 2>&1)
	count=$((count + 1))
	if grep -qE -- "$pattern" <<<"$said"; then
		echo "ok $count - $name"
	else
		failed=$((failed + 1))
		echo "not ok $count - $name"
		sed 's/^/# /' <<<"$said"
	fi
}

definition='{"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": {"ü": "☃"}, "End": true}}}'
arn=arn:aws:states:us-east-1:000000000000:stateMachine:cli-$$
role=arn:aws:iam::000000000000:role/app
check "create" "$arn" "$aws" stepfunctions create-state-machine --name "cli-$$" --definition "$definition" --role-arn $role --type EXPRESS
check "list" "cli-$$" "$aws" stepfunctions list-state-machines --max-items 1000
check "start-sync" 'SUCCEEDED' "$aws" stepfunctions start-sync-execution --state-machine-arn "$arn" --input '{"a": "ß"}'
check "a typed error" 'StateMachineDoesNotExist' "$aws" stepfunctions describe-state-machine --state-machine-arn "${arn}x"
check "test-state" 'SUCCEEDED' "$aws" stepfunctions test-state --definition '{"Type": "Pass", "End": true}' --role-arn $role
check "sts" '"Account": "000000000000"' "$aws" sts get-caller-identity
check "put-rule" ":rule/cli-$$" "$aws" events put-rule --name "cli-$$" --event-pattern '{"source": ["cli"]}'
check "put-targets" '"FailedEntryCount": 0' "$aws" events put-targets --rule "cli-$$" --targets "Id=1,Arn=$arn"
check "put-events" '"EventId"' "$aws" events put-events --entries '[{"Source": "cli", "DetailType": "t", "Detail": "{}"}]'
check "a typed error of EventBridge" 'ResourceNotFoundException' "$aws" events describe-rule --name nobody
check "create-event-bus" ":event-bus/cli-$$" "$aws" events create-event-bus --name "cli-$$"
check "put-permission" '^$' "$aws" events put-permission --event-bus-name "cli-$$" --action events:PutEvents --principal 000000000000 --statement-id account
check "describe-event-bus" '"Policy": ".*arn:aws:iam::000000000000:root' "$aws" events describe-event-bus --name "cli-$$"
check "remove-permission" '^$' "$aws" events remove-permission --event-bus-name "cli-$$" --statement-id account
check "delete-event-bus" '^$' "$aws" events delete-event-bus --name "cli-$$"
check "create-archive" ":archive/cli-$$" "$aws" events create-archive --archive-name "cli-$$" --event-source-arn arn:aws:events:us-east-1:000000000000:event-bus/default
check "describe-archive" '"EventCount": 0' "$aws" events describe-archive --archive-name "cli-$$"
check "delete-archive" '^$' "$aws" events delete-archive --archive-name "cli-$$"
check "remove-targets" '"FailedEntryCount": 0' "$aws" events remove-targets --rule "cli-$$" --ids 1
check "delete-rule" '^$' "$aws" events delete-rule --name "cli-$$"
check "create-schedule" ":schedule/default/cli-$$" "$aws" scheduler create-schedule --name "cli-$$" --schedule-expression 'rate(1 hour)' \
	--flexible-time-window Mode=OFF --target "Arn=$arn,RoleArn=$role"
check "get-schedule" '"State": "ENABLED"' "$aws" scheduler get-schedule --name "cli-$$"
check "a typed error of Scheduler" 'ResourceNotFoundException' "$aws" scheduler get-schedule --name nobody
check "delete-schedule" '^$' "$aws" scheduler delete-schedule --name "cli-$$"
# the aws cli does not look at AWS_ENDPOINT_URL for SQS
queue=https://sqs.us-east-1.amazonaws.com/000000000000/cli-$$
check "create-queue" "$queue" "$aws" --endpoint-url "$endpoint" sqs create-queue --queue-name "cli-$$" --attributes VisibilityTimeout=60
check "send-message" '"MessageId"' "$aws" --endpoint-url "$endpoint" sqs send-message --queue-url "$queue" --message-body 'ß {"a": 1}'
check "receive-message" '"Body": "ß' "$aws" --endpoint-url "$endpoint" sqs receive-message --queue-url "$queue" --wait-time-seconds 1
check "get-queue-attributes" '"ApproximateNumberOfMessagesNotVisible": "1"' "$aws" --endpoint-url "$endpoint" sqs get-queue-attributes --queue-url "$queue" --attribute-names All
check "delete-queue" '^$' "$aws" --endpoint-url "$endpoint" sqs delete-queue --queue-url "$queue"
check "a typed error of SQS" 'NonExistentQueue' "$aws" --endpoint-url "$endpoint" sqs get-queue-url --queue-name "cli-$$"
topic=arn:aws:sns:us-east-1:000000000000:cli-$$
check "create-topic" "$topic" "$aws" sns create-topic --name "cli-$$"
check "subscribe" "$topic:" "$aws" sns subscribe --topic-arn "$topic" --protocol sqs --notification-endpoint "arn:aws:sqs:us-east-1:000000000000:cli-$$"
check "publish" '"MessageId"' "$aws" sns publish --topic-arn "$topic" --message 'ß {"a": 1}' \
	--message-attributes '{"colour": {"DataType": "String", "StringValue": "blue"}}'
check "a typed error of SNS" 'NotFound' "$aws" sns get-topic-attributes --topic-arn "${topic}x"
check "delete-topic" '^$' "$aws" sns delete-topic --topic-arn "$topic"
check "delete" '^$' "$aws" stepfunctions delete-state-machine --state-machine-arn "$arn"
echo "1..$count"
[ "$failed" = 0 ]
