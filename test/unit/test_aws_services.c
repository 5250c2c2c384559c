/*
 * test_aws_services.c
 *	  Names, requests, results and errors of AWS services, by a small model of each protocol.
 */
#include "unit/unit.h"

#include "asl/service.h"
#include "aws/jobs.h"
#include "aws/request.h"
#include "aws/response.h"

static AwsService
service_of(const char *model)
{
	const char *problem = "";
	const JsonVal *row = aws_model_read(unit_json(model), &problem);
	AwsService service = {0};

	if (unit_check(row != NULL, "model: %s", problem))
		OK(aws_service_read(row, &service));
	return service;
}

/* ---- names ---- */

static void
test_member_keys(void)
{
	static const char *const keys[][2] = {{"DBInstanceIdentifier", "DbInstanceIdentifier"},
										  {"SSLSupportMethod", "SslSupportMethod"},
										  {"WebACLId", "WebACLId"},
										  {"MinTTL", "MinTTL"},
										  {"ChecksumCRC32", "ChecksumCRC32"},
										  {"IsIPV6Enabled", "IsIPV6Enabled"},
										  {"ACMCertificateArn", "AcmCertificateArn"},
										  {"ETag", "ETag"},
										  {"bucketName", "BucketName"},
										  {"ACL", "Acl"},
										  {"MD5OfMessageBody", "Md5OfMessageBody"},
										  {"equals", "EqualsValue"},
										  {"Return", "ReturnValue"}};

	for (int i = 0; i < (int) lengthof(keys); i++)
		unit_text(aws_member_key("X", keys[i][0], AWS_KEYS_SDK), keys[i][1], "key of %s", keys[i][0]);
	unit_text(aws_member_key("DynamoDb", "NULL", AWS_KEYS_SDK), "Nul", "DynamoDB's null");
	unit_text(aws_member_key("DynamoDb", "NULL", AWS_KEYS_OPTIMIZED), "NULL", "the older SDK's");
	unit_text(aws_member_key("Sqs", "MD5OfMessageBody", AWS_KEYS_OPTIMIZED), "MD5OfMessageBody", "the older SDK's");
	OK(aws_key_is_exact("DynamoDb", "NULL", "Nul") && aws_key_is_exact("DynamoDb", "NULL", "NULL"));
	OK(aws_key_is_similar("S3", "Bucket", "DestinationBucket") &&
	   !aws_key_is_similar("Sqs", "Bucket", "DestinationBucket"));
}

static void
test_service_names(void)
{
	static const char *const prefixes[][2] = {{"DynamoDB", "DynamoDb"},
											  {"S3", "S3"},
											  {"SQS", "Sqs"},
											  {"IoT", "Iot"},
											  {"API Gateway", "ApiGateway"},
											  {"SESv2", "SesV2"},
											  {"WAFV2", "Wafv2"},
											  {"ApiGatewayV2", "ApiGatewayV2"},
											  {"Amazon Thing Service", "Thing"},
											  {"CloudWatch Logs", "CloudWatchLogs"},
											  {"Route 53", "Route53"}};

	for (int i = 0; i < (int) lengthof(prefixes); i++)
		unit_text(aws_service_prefix(prefixes[i][0]), prefixes[i][1], "prefix of %s", prefixes[i][0]);
	unit_text(aws_service_name("CloudWatchLogs"), "cloudwatchlogs", "a service's name");
	unit_text(aws_exception_name("ResourceNotFoundFault"), "ResourceNotFoundException", "a fault");
	unit_text(aws_exception_name("NoSuchKey"), "NoSuchKeyException", "an error");
	unit_text(aws_exception_name("DBClusterNotFoundFault"), "DbClusterNotFoundException", "an acronym");
}

/* ---- requests ---- */

#define METADATA(protocol, more) \
	"'metadata': {'serviceId': 'Test', 'endpointPrefix': 'test', 'protocol': '" protocol \
	"', 'apiVersion': '2026-01-01'" more "}"
#define SHAPES \
	"'shapes': {'In': {'type': 'structure', 'members': {'Name': {'shape': 'S'}, 'Count': {'shape': 'N'}, 'When': {'shape': 'T'}," \
	" 'Data': {'shape': 'B'}, 'Tags': {'shape': 'Map'}, 'List': {'shape': 'List'}, 'Flag': {'shape': 'Bool'}," \
	" 'Token': {'shape': 'S', 'idempotencyToken': true}}}," \
	" 'Out': {'type': 'structure', 'members': {'URLs': {'shape': 'List'}, 'When': {'shape': 'T'}, 'Data': {'shape': 'B'}, 'Tags': {'shape': 'Map'}}}," \
	" 'Gone': {'type': 'structure', 'members': {}, 'exception': true, 'error': {'code': 'It.Gone'}}," \
	" 'List': {'type': 'list', 'member': {'shape': 'S'}}, 'Map': {'type': 'map', 'key': {'shape': 'S'}, 'value': {'shape': 'S'}}," \
	" 'S': {'type': 'string'}, 'N': {'type': 'integer'}, 'T': {'type': 'timestamp'}, 'B': {'type': 'blob'}, 'Bool': {'type': 'boolean'}}"
#define SIMPLE(protocol, more) \
	"{" METADATA( \
		protocol, \
		more) ", 'operations': {'DoIt': {'http': {'method': 'POST', 'requestUri': '/'}, 'input': {'shape': 'In'}," \
			  " 'output': {'shape': 'Out', 'resultWrapper': 'DoItResult'}}}, " SHAPES "}"

static const char *const all_parameters =
	"{'Name': 'a b', 'Count': 7, 'When': '2026-01-02T03:04:05.5Z', 'Data': 'hi', 'Tags': {'k': 'v'}, 'List': ['x', 'y'], 'Flag': false}";

static AwsRequest
request_of(const AwsService *service, const char *action, const char *parameters, SfnError *error)
{
	AwsRequest request = {0};

	if (!aws_request_write(service, action, unit_json(parameters), "tok", &request, error) && error->cause == NULL)
		unit_check(false, "a failure says why");
	return request;
}

static void
test_json_request(void)
{
	AwsService service = service_of(SIMPLE("json", ", 'jsonVersion': '1.1', 'targetPrefix': 'T'"));
	SfnError error = {0};
	AwsRequest request = request_of(&service, "doIt", all_parameters, &error);

	unit_text(
		request.body,
		"{\"Name\":\"a b\",\"Count\":7,\"When\":1767323045.5,\"Data\":\"aGk=\",\"Tags\":{\"k\":\"v\"},\"List\":[\"x\",\"y\"],\"Flag\":false,"
		"\"Token\":\"tok\"}",
		"JSON");
	unit_text(request.headers[0], "X-Amz-Target: T.DoIt", "its target");
}

static void
test_query_request(void)
{
	AwsService service = service_of(SIMPLE("query", ""));
	SfnError error = {0};
	AwsRequest request = request_of(&service, "doIt", all_parameters, &error);

	unit_text(
		request.body,
		"Action=DoIt&Version=2026-01-01&Name=a%20b&Count=7&When=2026-01-02T03%3A04%3A05.5Z&Data=aGk%3D&Tags.entry.1.key=k&"
		"Tags.entry.1.value=v&List.member.1=x&List.member.2=y&Flag=false&Token=tok",
		"a form");
}

static void
test_wrong_parameters(void)
{
	AwsService service = service_of(SIMPLE("json", ", 'jsonVersion': '1.1', 'targetPrefix': 'T'"));
	static const char *const wrong[][2] = {{"{'Nam': 1}",
											"The parameter \"Nam\" is not known. Perhaps \"Name\" is meant."},
										   {"{'Name': {}}", "The parameter \"Name\" must be a string, not an object."},
										   {"{'Count': 'x'}", "The parameter \"Count\" must be a whole number."},
										   {"{'Count': 1.5}", "The parameter \"Count\" must be a whole number."},
										   {"{'List': 'x'}", "The parameter \"List\" must be an array, not a string."},
										   {"{'When': 'now'}",
											"The parameter \"When\" must be a timestamp such as 2026-01-31T12:00:00Z."},
										   {"[]", "The parameter \"Parameters\" must be an object, not an array."}};

	for (int i = 0; i < (int) lengthof(wrong); i++)
	{
		SfnError error = {0};

		(void) request_of(&service, "doIt", wrong[i][0], &error);
		unit_text(error.cause, wrong[i][1], "%s", wrong[i][0]);
	}
}

static void
test_unknown_action(void)
{
	AwsService service = service_of(SIMPLE("query", ""));
	SfnError error = {0};

	(void) request_of(&service, "doItt", "{}", &error);
	unit_text(error.cause, "The service has no action \"doItt\". Perhaps \"doIt\" is meant.", "an unknown action");
	error.cause = NULL;
	(void) request_of(&service, "DoIt", "{}", &error);
	OK(error.cause != NULL);
}

static const char *const rest_model = "{" METADATA(
	"rest-xml",
	"") ", 'operations': {'Put': {'http': {'method': 'PUT', 'requestUri': '/{Bucket}/{Key+}?x'}, 'input': {'shape': 'Put'},"
		" 'httpChecksum': {'requestAlgorithmMember': 'Algorithm'}}},"
		" 'shapes': {'Put': {'type': 'structure', 'payload': 'Body', 'members': {'Bucket': {'shape': 'S', 'location': 'uri', 'locationName': 'Bucket'},"
		" 'Key': {'shape': 'S', 'location': 'uri', 'locationName': 'Key'}, 'Body': {'shape': 'B', 'streaming': true},"
		" 'Part': {'shape': 'S', 'location': 'querystring', 'locationName': 'part'}, 'Algorithm': {'shape': 'S', 'location': 'header', 'locationName': 'x-alg'},"
		" 'Meta': {'shape': 'Map', 'location': 'headers', 'locationName': 'x-meta-'}}},"
		" 'Map': {'type': 'map', 'key': {'shape': 'S'}, 'value': {'shape': 'S'}}, 'S': {'type': 'string'}, 'B': {'type': 'blob'}}}";

static void
test_rest_request(void)
{
	AwsService service = service_of(rest_model);
	SfnError error = {0};
	AwsRequest request =
		request_of(&service, "put",
				   "{'Bucket': 'b', 'Key': 'a b/ü', 'Body': {'n': 1}, 'Part': '1&2', 'Meta': {'k': 'v'}}", &error);

	unit_text(request.path, "/b/a%20b/%C3%BC", "the path");
	unit_text(request.query, "x&part=1%262", "the query");
	unit_text(request.body, "{\"n\":1}", "an object as a body");
	unit_text(request.headers[0], "x-meta-k: v", "a header by prefix");
	unit_text(request.headers[2], "x-amz-checksum-crc32: 1Es7fg==", "its checksum");
	(void) request_of(&service, "put", "{'Bucket': 'b', 'Key': 'k', 'Meta': {'k': 'a\\r\\nHost: evil'}}", &error);
	OK(error.cause != NULL && strstr(error.cause, "characters that are not allowed") != NULL);
	error.cause = NULL;
	(void) request_of(&service, "put", "{'Bucket': 'b'}", &error);
	unit_text(error.cause, "The parameter \"Key\" is required and must not be empty.", "a label that is not given");
}

/* ---- responses ---- */

static const JsonVal *
result_of(const AwsService *service, const char *body)
{
	AwsResponse response = {.status = 200,
							.headers = "HTTP/1.1 200 OK\r\n\r\n",
							.body = body,
							.body_length = (int) strlen(body)};
	const JsonVal *result = NULL;
	SfnError error = {0};

	return aws_response_read(service, "doIt", AWS_KEYS_SDK, &response, &result, &error) ? result
																						: jv_string(error.cause);
}

static void
test_results(void)
{
	AwsService json = service_of(SIMPLE("json", ", 'jsonVersion': '1.1', 'targetPrefix': 'T'"));
	AwsService query = service_of(SIMPLE("query", ""));

	unit_text(
		jv_to_text(result_of(
			&json,
			"{\"URLs\": [\"u\", null], \"When\": 1767323045.250, \"Data\": \"/w==\", \"Tags\": {\"a\": null}, \"More\": 1}")),
		"{\"UrLs\":[\"u\",null],\"When\":\"2026-01-02T03:04:05.25Z\",\"Data\":\"/w==\",\"Tags\":{}}", "JSON");
	unit_text(jv_to_text(result_of(&json, "")), "{}", "nothing");
	unit_text(
		jv_to_text(result_of(
			&query,
			"<?xml version=\"1.0\"?><DoItResponse xmlns=\"u\"><DoItResult><URLs><member>a&amp;b</member></URLs>"
			"<Data>aGk=</Data><Tags><entry><key>k</key><value><![CDATA[<v>]]></value></entry></Tags></DoItResult></DoItResponse>")),
		"{\"UrLs\":[\"a&b\"],\"Data\":\"hi\",\"Tags\":{\"k\":\"<v>\"}}", "XML");
	OK(strstr(result_of(&json, "<html>")->u.text, "Unable to unmarshall response") != NULL);
	OK(strstr(result_of(&query, "<!DOCTYPE x [<!ENTITY e \"x\">]><a>&e;</a>")->u.text,
			  "Unable to unmarshall response") != NULL);
}

static void
check_failure(const AwsService *service, long status, const char *headers, const char *body, const char *name,
			  const char *cause)
{
	AwsResponse response = {.status = status, .headers = headers, .body = body, .body_length = (int) strlen(body)};
	AwsFailure failure;

	aws_failure_read(service, &response, &failure);
	unit_text(aws_failure_name(service, &failure), name, "%s", body);
	unit_text(aws_failure_cause(service, &failure, status), cause, "%s", body);
}

static void
test_failures(void)
{
	AwsService json = service_of(SIMPLE("json", ", 'jsonVersion': '1.1', 'targetPrefix': 'T'"));
	AwsService query = service_of(SIMPLE("query", ""));

	check_failure(&json, 400, "x-amzn-RequestId: r1\r\n", "{\"__type\": \"a#Gone\", \"message\": \"m\"}",
				  "Test.GoneException", "m (Service: Test, Status Code: 400, Request ID: r1)");
	check_failure(&json, 400, "x-amzn-query-error: AWS.Test.NonExistent;Sender\r\n", "{\"__type\": \"a#Gone\"}",
				  "Test.GoneException", "null (Service: Test, Status Code: 400, Request ID: null)");
	check_failure(&json, 400, "", "{\"__type\": \"a#Other\", \"Message\": \"m\"}", "Test.TestException",
				  "m (Service: Test, Status Code: 400, Request ID: null)");
	check_failure(
		&query, 400, "",
		"<ErrorResponse><Error><Code>It.Gone</Code><Message>m</Message></Error><RequestId>r2</RequestId></ErrorResponse>",
		"Test.GoneException", "m (Service: Test, Status Code: 400, Request ID: r2)");
	check_failure(&query, 502, "", "<html><body>Bad gateway</body></html>", "Test.TestException",
				  "null (Service: Test, Status Code: 502, Request ID: null)");
}

/* ---- jobs ---- */

/* What can be called with .sync can be waited for. */
static void
test_jobs_are_known(void)
{
	static const struct
	{
		const char *resource;
		int patterns;
		ServicePlace place;
	} services[] = {
#define SERVICE(name, resource, patterns, place, required) {resource, patterns, place},
#include "asl/service_list.h"
	};

	for (int i = 0; i < (int) lengthof(services); i++)
	{
		const char *resource = services[i].resource + strlen("states:::");

		if (services[i].place == AWS && (services[i].patterns & SYNC) != 0)
			unit_check(aws_job(resource) != NULL, "%s", resource);
	}
}

static void
check_job(const char *resource, const char *answer, const char *id, AwsJobState state, const char *shown)
{
	JvParseError error;
	const JsonVal *result = NULL;
	AwsJobState found = aws_job_state(aws_job(resource), jv_parse(answer, (int) strlen(answer), &error), id, &result);

	unit_check(found == state, "%s: %s", resource, answer);
	if (shown != NULL)
		unit_text(result != NULL ? jv_to_text(result) : "none", shown, "%s: %s", resource, answer);
}

static void
test_job_states(void)
{
	check_job("batch:submitJob",
			  "{\"Jobs\": [{\"JobId\": \"a\", \"Status\": \"FAILED\"}, {\"JobId\": \"b\", \"Status\": \"RUNNING\"}]}",
			  "a", AWS_JOB_FAILED, "{\"JobId\":\"a\",\"Status\":\"FAILED\"}");
	check_job("batch:submitJob", "{\"Jobs\": [{\"JobId\": \"b\", \"Status\": \"RUNNING\"}]}", "b", AWS_JOB_RUNS, NULL);
	check_job("batch:submitJob", "{\"Jobs\": []}", "a", AWS_JOB_MISSING, NULL);
	check_job("batch:submitJob", "[1]", "a", AWS_JOB_MISSING, NULL);
	check_job("eks:createCluster", "{\"Cluster\": {\"Status\": \"ACTIVE\"}}", "c", AWS_JOB_SUCCEEDED,
			  "{\"Cluster\":{\"Status\":\"ACTIVE\"}}");
	check_job("sagemaker:createTrainingJob", "{\"TrainingJobStatus\": \"Stopped\"}", "t", AWS_JOB_FAILED,
			  "{\"TrainingJobStatus\":\"Stopped\"}");
	check_job("glue:startJobRun", "{\"JobRun\": {\"JobRunState\": \"X SUCCEEDED\"}}", "g", AWS_JOB_RUNS, NULL);
	check_job("ecs:runTask",
			  "{\"Tasks\": [{\"TaskArn\": \"a\", \"LastStatus\": \"STOPPED\", \"Containers\": [{\"ExitCode\": 0}]}]}",
			  "a", AWS_JOB_SUCCEEDED, NULL);
	check_job("ecs:runTask", "{\"Tasks\": [{\"TaskArn\": \"a\", \"LastStatus\": \"STOPPED\", \"Containers\": [{}]}]}",
			  "a", AWS_JOB_FAILED, NULL);
	check_job(
		"ecs:runTask",
		"{\"Tasks\": [{\"TaskArn\": \"a\", \"LastStatus\": \"STOPPED\", \"StopCode\": \"UserInitiated\", \"Containers\": [{\"ExitCode\": 0}]}]}",
		"a", AWS_JOB_FAILED, NULL);
}

int
main(void)
{
	test_member_keys();
	test_service_names();
	test_json_request();
	test_query_request();
	test_wrong_parameters();
	test_unknown_action();
	test_rest_request();
	test_results();
	test_failures();
	test_jobs_are_known();
	test_job_states();
	return unit_done();
}
