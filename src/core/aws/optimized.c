/*
 * optimized.c
 *	  How the optimized integrations differ from calls of aws-sdk.
 */
#include "aws/optimized.h"

#include "base/utf8.h"

static const AwsOptimized rows[] = {
	{"dynamodb", "dynamodb", "DynamoDB", "AmazonDynamoDBv2", "AmazonDynamoDBException", true, true},
	{"sqs", "sqs", "SQS", "AmazonSQS", "AmazonSQSException", true, false},
	{"sns", "sns", "SNS", "AmazonSNS", "AmazonSNSException", true, true},
	{"events", "eventbridge", "EventBridge", "AmazonEventBridge", "AmazonEventBridgeException", false, true},
	{"batch", "batch", "Batch", "AWSBatch", "AWSBatchException", true, true},
	{"ecs", "ecs", "ECS", "AmazonECS", "AmazonECSException", true, true},
	{"glue", "glue", "Glue", "AWSGlue", "AWSGlueException", true, true},
	{"athena", "athena", "Athena", "AmazonAthena", "AmazonAthenaException", false, true},
	{"codebuild", "codebuild", "CodeBuild", "AWSCodeBuild", "AWSCodeBuildException", false, true},
	{"sagemaker", "sagemaker", "SageMaker", "AmazonSageMaker", "AmazonSageMakerException", false, true},
	{"emr-containers", "emrcontainers", "EMRContainers", "AmazonEMRContainers", "AmazonEMRContainersException", false,
	 true},
	{"emr-serverless", "emrserverless", "EMRServerless", "AWSEMRServerless", "AWSEMRServerlessException", false, true},
	{"eks", "eks", "EKS", "AmazonEKS", "AmazonEKSException", false, true},
	{"databrew", "databrew", "DataBrew", "AWSGlueDataBrew", "AWSGlueDataBrewException", false, true},
	{"mediaconvert", "mediaconvert", "MediaConvert", "AWSMediaConvert", "AWSMediaConvertException", false, true},
	{"bedrock", "bedrock", "Bedrock", "AmazonBedrock", "AmazonBedrockException", false, true},
	{"elasticmapreduce", "emr", "ElasticMapReduce", "AmazonElasticMapReduce", "AmazonElasticMapReduceException", false,
	 true},
	{"lambda", "lambda", "Lambda", "AWSLambda", "AWSLambdaException", true, true},
};

static const AwsReshaped reshaped[] = {
	{"elasticmapreduce:createCluster", "emr", "runJobFlow", {{0}}, {{"JobFlowId", "ClusterId"}}},
	{"elasticmapreduce:terminateCluster",
	 "emr",
	 "terminateJobFlows",
	 {{"ClusterId", "JobFlowIds[]"}},
	 .has_no_result = true},
	{"elasticmapreduce:addStep",
	 "emr",
	 "addJobFlowSteps",
	 {{"ClusterId", "JobFlowId"}, {"Step", "Steps[]"}},
	 {{"StepIds[]", "StepId"}}},
	{"elasticmapreduce:cancelStep",
	 "emr",
	 "cancelSteps",
	 {{"StepId", "StepIds[]"}},
	 {{"CancelStepsInfoList[]", "CancelStepsInfo"}}},
	{"elasticmapreduce:setClusterTerminationProtection",
	 "emr",
	 "setTerminationProtection",
	 {{"ClusterId", "JobFlowIds[]"}},
	 .has_no_result = true},
	{"elasticmapreduce:modifyInstanceFleetByName", "emr", "modifyInstanceFleet", .has_no_result = true,
	 .look_up = {"listInstanceFleets", "ClusterId", "InstanceFleets", "InstanceFleetName", "InstanceFleet",
				 "InstanceFleetId"}},
	{"elasticmapreduce:modifyInstanceGroupByName",
	 "emr",
	 "modifyInstanceGroups",
	 {{"InstanceGroup", "InstanceGroups[]"}},
	 .has_no_result = true,
	 .look_up = {"listInstanceGroups", "ClusterId", "InstanceGroups", "InstanceGroupName", "InstanceGroup",
				 "InstanceGroupId"}},
	{"bedrock:invokeModel", "bedrockruntime", "invokeModel", .has_json_body = true},
};

/* Members of a request that may be given as JSON where the service wants a text, in the object or in each of a list. */
static const struct
{
	const char *resource;
	const char *list; /* NULL: of the request itself */
	const char *member;
} texts[] = {{"sqs", NULL, "MessageBody"}, {"sns", NULL, "Message"}, {"events", "Entries", "Detail"}};

const AwsOptimized *
aws_optimized(const char *resource)
{
	for (int i = 0; i < (int) lengthof(rows); i++)
	{
		if (strcmp(rows[i].resource, resource) == 0)
			return &rows[i];
	}
	return NULL;
}

/* ---- requests ---- */

static const JsonVal *
with_text(const JsonVal *object, const char *member)
{
	const JsonVal *value = jv_get(object, member);

	if (value == NULL || value->type < JV_ARRAY)
		return object;
	return jv_object_set(object, member, (int) strlen(member), jv_string(jv_to_text(value)));
}

static const JsonVal *
with_texts(const JsonVal *list, const char *member)
{
	JvArrayBuilder out;

	jv_array_begin(&out);
	for (int i = 0; i < list->count; i++)
		jv_array_add(&out, with_text(list->u.items[i], member));
	return jv_array_end(&out);
}

/* Of an event: who puts it, behind what the machine says. */
static const JsonVal *
with_resources(const JsonVal *entry, const char *const *arns, int count)
{
	const JsonVal *given = jv_get(entry, "Resources");
	JvArrayBuilder out;

	if (!jv_is(entry, JV_OBJECT) || (given != NULL && given->type != JV_ARRAY))
		return entry;
	jv_array_begin(&out);
	for (int i = 0; given != NULL && i < given->count; i++)
		jv_array_add(&out, given->u.items[i]);
	for (int i = 0; i < count; i++)
		jv_array_add(&out, jv_string(arns[i]));
	return jv_object_set(entry, "Resources", (int) strlen("Resources"), jv_array_end(&out));
}

static const JsonVal *
events_with_resources(const JsonVal *parameters, const char *machine_arn, const char *execution_arn)
{
	const char *const arns[] = {machine_arn, execution_arn};
	const JsonVal *entries = jv_get(parameters, "Entries");
	JvArrayBuilder out;

	if (!jv_is(entries, JV_ARRAY))
		return parameters;
	jv_array_begin(&out);
	for (int i = 0; i < entries->count; i++)
		jv_array_add(&out, with_resources(entries->u.items[i], arns, (int) lengthof(arns)));
	return jv_object_set(parameters, "Entries", (int) strlen("Entries"), jv_array_end(&out));
}

const JsonVal *
aws_optimized_parameters(const AwsOptimized *row, const JsonVal *parameters, const char *machine_arn,
						 const char *execution_arn)
{
	for (int i = 0; i < (int) lengthof(texts); i++)
	{
		const JsonVal *list = texts[i].list != NULL ? jv_get(parameters, texts[i].list) : NULL;

		if (strcmp(texts[i].resource, row->resource) != 0)
			continue;
		if (texts[i].list == NULL)
			parameters = with_text(parameters, texts[i].member);
		else if (jv_is(list, JV_ARRAY))
			parameters = jv_object_set(parameters, texts[i].list, (int) strlen(texts[i].list),
									   with_texts(list, texts[i].member));
	}
	if (strcmp(row->resource, "events") == 0)
		parameters = events_with_resources(parameters, machine_arn, execution_arn);
	return parameters;
}

/* ---- results ---- */

/* Every header, as the older SDK shows them. */
static const JsonVal *
all_headers(const char *headers, bool with_lists)
{
	JvObjectBuilder out;
	const char *line = headers;

	jv_object_begin(&out);
	while (*line != '\0')
	{
		int length = (int) strcspn(line, "\r\n");
		const char *colon = memchr(line, ':', length);
		const char *value = colon;

		if (colon != NULL && colon > line && utf8_is_valid(line, length))
		{
			const JsonVal *text;

			do
				value++;
			while (value < line + length && *value == ' ');
			text = jv_string_n(value, (int) (line + length - value));
			jv_object_add_n(&out, line, (int) (colon - line), with_lists ? jv_array(&text, 1) : text);
		}
		line += length;
		line += strspn(line, "\r\n");
	}
	return jv_object_end(&out);
}

static const JsonVal *
with_metadata(const JsonVal *result, const AwsResponse *response)
{
	const char *id = aws_header(response->headers, "x-amzn-RequestId");
	JvObjectBuilder http;
	JvObjectBuilder metadata;

	jv_object_begin(&http);
	jv_object_add(&http, "AllHttpHeaders", all_headers(response->headers, true));
	jv_object_add(&http, "HttpHeaders", all_headers(response->headers, false));
	jv_object_add(&http, "HttpStatusCode", jv_int(response->status));
	jv_object_begin(&metadata);
	jv_object_add(&metadata, "RequestId",
				  id != NULL && utf8_is_valid(id, (int) strlen(id)) ? jv_string(id) : jv_null());
	result = jv_object_set(result, "SdkHttpMetadata", (int) strlen("SdkHttpMetadata"), jv_object_end(&http));
	return jv_object_set(result, "SdkResponseMetadata", (int) strlen("SdkResponseMetadata"), jv_object_end(&metadata));
}

/* What a function answered, as JSON where it is that; false: it says that it has failed. */
static bool
invoke_result(const AwsResponse *response, const JsonVal **result, SfnError *error)
{
	const char *text = jv_get_string(*result, "Payload");
	JvParseError not_json;
	const JsonVal *payload = text != NULL ? jv_parse(text, (int) strlen(text), &not_json) : NULL;
	const char *type = jv_get_string(payload, "errorType");

	if (aws_header(response->headers, "X-Amz-Function-Error") != NULL)
		return sfn_error(error, type != NULL && type[0] != '\0' ? type : "Exception", "%s", text != NULL ? text : "");
	if (payload != NULL)
		*result = jv_object_set(*result, "Payload", (int) strlen("Payload"), payload);
	return true;
}

bool
aws_optimized_result(const AwsOptimized *row, bool action_waits, const AwsResponse *response, const JsonVal **result,
					 SfnError *error)
{
	int64 failed = 0;
	const JsonVal *failures = jv_get(*result, "Failures");

	if (strcmp(row->resource, "events") == 0 && jv_get(*result, "FailedEntryCount") != NULL &&
		jv_to_int64(jv_get(*result, "FailedEntryCount"), &failed) && failed > 0)
		return sfn_error(error, "EventBridge.FailedEntry", "%s", jv_to_text(*result));
	if (strcmp(row->resource, "ecs") == 0 && action_waits && jv_is(failures, JV_ARRAY) && failures->count > 0)
		return sfn_error(error, "AmazonECS.Unknown", "%s", jv_to_text(*result));
	if (strcmp(row->resource, "lambda") == 0 && !invoke_result(response, result, error))
		return false;
	if (row->is_older)
		*result = with_metadata(*result, response);
	return true;
}

void
aws_optimized_failure(const AwsOptimized *row, const AwsFailure *failure, long status, SfnError *error)
{
	bool is_named = row->has_modelled && failure->exception != NULL;
	const char *name = psprintf("%s.%s", row->prefix, is_named ? failure->exception : row->other);

	(void) sfn_error(error, name, "%s (Service: %s; Status Code: %ld; Error Code: %s; Request ID: %s; Proxy: null)",
					 failure->message != NULL ? failure->message : "null", row->called, status, failure->code,
					 failure->request_id != NULL ? failure->request_id : "null");
}

/* ---- actions of another shape ---- */

const AwsReshaped *
aws_reshaped(const char *resource)
{
	for (int i = 0; i < (int) lengthof(reshaped); i++)
	{
		if (strcmp(reshaped[i].resource, resource) == 0)
			return &reshaped[i];
	}
	return NULL;
}

static int
bare_length(const char *name)
{
	return (int) strcspn(name, "[");
}

static const AwsRenamed *
renamed(const AwsRenamed *all, const char *key)
{
	for (int i = 0; i < AWS_MAX_RENAMED && all[i].from != NULL; i++)
	{
		int length = bare_length(all[i].from);

		if ((int) strlen(key) == length && strncmp(all[i].from, key, length) == 0)
			return &all[i];
	}
	return NULL;
}

/* The object with its members renamed, put into a list or taken out of one; without the member named, if it is not NULL. */
static const JsonVal *
rename_members(const AwsRenamed *all, const JsonVal *object, const char *without)
{
	JvObjectBuilder out;

	jv_object_begin(&out);
	for (int i = 0; i < object->count; i++)
	{
		const JvMember *member = &object->u.members[i];
		const AwsRenamed *row = renamed(all, member->key);
		const JsonVal *value = member->value;

		if (without != NULL && strcmp(member->key, without) == 0)
			continue;
		if (row != NULL && row->to[bare_length(row->to)] != '\0')
			value = jv_array(&value, 1);
		else if (row != NULL && row->from[bare_length(row->from)] != '\0' && jv_is(value, JV_ARRAY))
			value = value->count > 0 ? value->u.items[0] : jv_null();
		jv_object_add_n(&out, row != NULL ? row->to : member->key,
						row != NULL ? bare_length(row->to) : member->key_length, value);
	}
	return jv_object_end(&out);
}

const JsonVal *
aws_reshape_parameters(const AwsReshaped *row, const JsonVal *parameters)
{
	static const char *const types[] = {"ContentType", "Accept"};

	if (!jv_is(parameters, JV_OBJECT))
		return parameters;
	parameters = rename_members(row->parameters, parameters, row->look_up.name);
	for (int i = 0; row->has_json_body && i < (int) lengthof(types); i++)
		if (jv_get(parameters, types[i]) == NULL)
			parameters = jv_object_set(parameters, types[i], (int) strlen(types[i]), jv_string("application/json"));
	return parameters;
}

const JsonVal *
aws_reshape_result(const AwsReshaped *row, const JsonVal *result)
{
	const char *body = jv_get_string(result, "Body");
	JvParseError not_json;
	const JsonVal *parsed = row->has_json_body && body != NULL ? jv_parse(body, (int) strlen(body), &not_json) : NULL;

	if (row->has_no_result)
		return jv_null();
	if (parsed != NULL)
		return jv_object_set(result, "Body", (int) strlen("Body"), parsed);
	return jv_is(result, JV_OBJECT) ? rename_members(row->results, result, NULL) : result;
}

/* ---- what is looked up first ---- */

const JsonVal *
aws_look_up_parameters(const AwsLookUp *look_up, const JsonVal *parameters, const char *marker)
{
	const JsonVal *within = jv_get(parameters, look_up->within);
	JvObjectBuilder out;

	jv_object_begin(&out);
	if (within != NULL)
		jv_object_add(&out, look_up->within, within);
	if (marker != NULL)
		jv_object_add(&out, "Marker", jv_string(marker));
	return jv_object_end(&out);
}

static const char *
id_of_name(const JsonVal *list, const char *name)
{
	for (int i = 0; jv_is(list, JV_ARRAY) && i < list->count; i++)
	{
		const char *other = jv_get_string(list->u.items[i], "Name");

		if (other != NULL && strcmp(other, name) == 0)
			return jv_get_string(list->u.items[i], "Id");
	}
	return NULL;
}

void
aws_look_up_answer(const AwsLookUp *look_up, const JsonVal *parameters, const JsonVal *answer, const JsonVal **with_id,
				   const char **marker)
{
	const char *name = jv_get_string(parameters, look_up->name);
	const JsonVal *changed = jv_get(parameters, look_up->member);
	const char *id = name != NULL ? id_of_name(jv_get(answer, look_up->list), name) : NULL;

	*marker = jv_get_string(answer, "Marker");
	*with_id = NULL;
	if (id == NULL || !jv_is(changed, JV_OBJECT))
		return;
	changed = jv_object_set(changed, look_up->id, (int) strlen(look_up->id), jv_string(id));
	*with_id = jv_object_set(parameters, look_up->member, (int) strlen(look_up->member), changed);
}
