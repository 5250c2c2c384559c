/*
 * fuzz_aws_services.c
 *	  Any bytes as a service's model, as its answers, JSON and XML, as mocked results and as parameters of an API: reading
 *	  ends, within the bytes.
 */
#include "fuzz/fuzz.h"

#include "aws/api_gateway.h"
#include "aws/model.h"
#include "aws/request.h"
#include "aws/response.h"

static const char *const model =
	"{'metadata': {'serviceId': 'Test', 'endpointPrefix': 'test', 'protocol': 'rest-xml'},"
	" 'operations': {'DoIt': {'http': {'method': 'POST', 'requestUri': '/'}, 'output': {'shape': 'A'}}},"
	" 'shapes': {'A': {'type': 'structure', 'members': {'A': {'shape': 'A'}, 'L': {'shape': 'L'}, 'M': {'shape': 'M'},"
	" 'E': {'shape': 'E'}, 'I': {'shape': 'I'}, 'F': {'shape': 'L', 'flattened': true}, 'T': {'shape': 'T'}, 'N': {'shape': 'N'}, 'X': {'shape': 'S', 'xmlAttribute': true}}},"
	" 'L': {'type': 'list', 'member': {'shape': 'A'}}, 'M': {'type': 'map', 'key': {'shape': 'S'}, 'value': {'shape': 'B'}},"
	" 'E': {'type': 'string', 'enum': ['one', 'two']}, 'I': {'type': 'integer', 'min': 1, 'max': 5},"
	" 'S': {'type': 'string'}, 'B': {'type': 'blob'}, 'T': {'type': 'timestamp'}, 'N': {'type': 'float'}}}";

static void
read_answer(const AwsService *service, const char *bytes, int length)
{
	AwsResponse response = {.status = 200, .headers = "", .body = bytes, .body_length = length};
	const JsonVal *result;
	SfnError error = {0};
	AwsFailure failure;

	FUZZ_ASSERT(aws_response_read(service, "doIt", AWS_KEYS_SDK, &response, &result, &error) || error.cause != NULL);
	aws_failure_read(service, &response, &failure);
	FUZZ_ASSERT(aws_failure_name(service, &failure)[0] != '\0');
	response.headers = pnstrdup(bytes, length);
	aws_failure_read(service, &response, &failure);
	FUZZ_ASSERT(aws_failure_cause(service, &failure, 400)[0] != '\0');
}

/* Whatever a model says, requests of what it names are written or refused. */
static void
read_model(const char *bytes, int length)
{
	JvParseError problem;
	const JsonVal *value = jv_parse(bytes, length, &problem);
	const char *reason;
	const JsonVal *row = value != NULL ? aws_model_read(value, &reason) : NULL;
	AwsService service;
	AwsRequest request;
	SfnError error = {0};

	if (row == NULL)
		row = value;
	if (row != NULL && aws_service_read(row, &service))
		FUZZ_ASSERT(
			aws_request_write(&service, "doIt", unit_json("{'A': {'L': []}, 'S': 'x'}"), "t", &request, &error) ||
			error.cause != NULL);
}

/* A value as a mocked result, and as what a definition says of a request. */
static void
read_value(const AwsService *service, const char *bytes, int length)
{
	JvParseError not_json;
	const JsonVal *value = jv_parse(bytes, length, &not_json);
	const char *name;
	const char *problem = NULL;
	const char *host;
	AwsRequest request;
	SfnError error = {0};

	if (value == NULL)
		return;
	FUZZ_ASSERT(aws_result_check(service, aws_operation(service, "doIt", &name), NULL, true, value, &problem) ||
				problem != NULL);
	FUZZ_ASSERT(api_request("apigateway:invoke", value, &request, &host, &error) ? request.path[0] == '/'
																				 : error.cause != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	/* a copy of its own, so that reading beyond it is seen */
	char *bytes = palloc(size + (size == 0));
	const char *reason;
	AwsService service;

	if (size > 50000)
		return 0;
	memcpy(bytes, data, size);
	(void) aws_service_read(aws_model_read(unit_json(model), &reason), &service);
	read_answer(&service, bytes, (int) size);
	service.protocol = AWS_JSON;
	read_answer(&service, bytes, (int) size);
	read_value(&service, bytes, (int) size);
	read_model(bytes, (int) size);
	unit_reset_memory();
	return 0;
}
