/*
 * refused.c
 *	  Actions that AWS Step Functions does not call: the answers are streams, or secrets, or the action is given up.
 */
#include "aws/request.h"

#include "base/error.h"

static const struct
{
	const char *service;
	const char *operations; /* with a blank around each */
} refused[] = {
	{"applicationdiscovery", " DescribeExportConfigurations ExportConfigurations "},
	{"bedrockagentruntime", " InvokeAgent InvokeFlow InvokeInlineAgent OptimizePrompt RetrieveAndGenerateStream "},
	{"bedrockruntime", " ConverseStream InvokeModelWithResponseStream "},
	{"cloudwatchlogs", " StartLiveTail "},
	{"codedeploy",
	 " BatchGetDeploymentInstances GetDeploymentInstance ListDeploymentInstances SkipWaitTimeForInstanceTermination "},
	{"comprehendmedical", " DetectEntities "},
	{"dataexchange", " SendApiAsset "},
	{"directconnect",
	 " AllocateConnectionOnInterconnect DescribeConnectionLoa DescribeConnectionsOnInterconnect DescribeInterconnectLoa "},
	{"efs", " CreateTags "},
	{"elastictranscoder", " TestRole "},
	{"emr", " DescribeJobFlows "},
	{"iot", " AttachPrincipalPolicy DetachPrincipalPolicy ListPolicyPrincipals ListPrincipalPolicies "},
	{"iotdeviceadvisor", " ListTestCases "},
	{"iotsitewise", " InvokeAssistant "},
	{"kinesis", " SubscribeToShard "},
	{"lambda", " InvokeAsync InvokeWithResponseStream "},
	{"lexruntimev2", " StartConversation "},
	{"mediapackage", " RotateChannelCredentials "},
	{"qbusiness", " Chat "},
	{"rdsdata", " ExecuteSql "},
	{"s3", " SelectObjectContent "},
	{"s3control", " SelectObjectContent "},
	{"sagemakerruntime", " InvokeEndpointWithResponseStream "},
	{"shield", " DeleteSubscription "},
	{"sts", " AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity "},
};

static bool
is_refused(const char *service, const char *name)
{
	if (strcmp(service, "securitylake") == 0 && strstr(name, "Datalake") != NULL)
		return true;
	for (int i = 0; i < (int) lengthof(refused); i++)
		if (strcmp(refused[i].service, service) == 0)
			return strstr(refused[i].operations, psprintf(" %s ", name)) != NULL;
	return false;
}

bool
aws_operation_is_called(const AwsService *service, const JsonVal *operation, const char *name, SfnError *error)
{
	if (jv_get(operation, "es") != NULL || is_refused(aws_service_name(service->prefix), name))
		return sfn_error(error, ERROR_RUNTIME, "The action \"%s\" is none that AWS Step Functions calls.", name);
	return true;
}
