#!/bin/bash
#
# make_services.sh AWS_CALLS BOTOCORE_DATA
#	  Prints sql/data/sfn-services.jsonl: a row for each common service, made of the newest of AWS's models in a directory
#	  such as botocore/data.  With --names alone, which services these are.
set -euo pipefail
common="dynamodb sqs sns s3 lambda events stepfunctions batch ecs glue athena codebuild sagemaker emr emr-containers
	emr-serverless eks databrew mediaconvert bedrock bedrock-runtime apigateway sts secretsmanager ssm kms kinesis firehose logs
	cloudwatch scheduler ecr"

if [ "$1" = --names ]; then
	echo $common
	exit
fi
program=$1 data=$2
for service in $common; do
	version=$(ls "$data/$service" | LC_ALL=C sort | tail -1)
	model=$(mktemp)
	if [ -f "$data/$service/$version/service-2.json.gz" ]; then
		gunzip -c "$data/$service/$version/service-2.json.gz" >"$model"
	else
		cat "$data/$service/$version/service-2.json" >"$model"
	fi
	"$program" model "$model"
	rm -f "$model"
done
