/*
 * aws_calls.c
 *	  Calls of AWS services, for comparing with another client.
 *
 *	  aws_calls model FILE       the row of a service, from AWS's model
 *	  aws_calls requests ROW     for each line {"action", "parameters", "token"} of the input: the request
 *	  aws_calls responses ROW    for each line {"action", "status", "headers", "body"} of the input: the result or the error
 *
 * ROW is a file with a row.  Bodies are in base64, since they may be any bytes.
 */
#include "base/port.h"

#include "aws/request.h"
#include "aws/response.h"
#include "base/hashes.h"
#include "unit/unit.h"

static const JsonVal *
parse_or_exit(const char *text, int length)
{
	JvParseError problem;
	const JsonVal *value = jv_parse_stored(text, length, &problem);

	if (value == NULL)
	{
		fprintf(stderr, "line %d, column %d: %s\n", problem.line, problem.column, problem.message);
		exit(2);
	}
	return value;
}

static void
answer_request(const AwsService *service, const JsonVal *line)
{
	AwsRequest request;
	SfnError error = {0};
	JvObjectBuilder out;
	JvArrayBuilder headers;

	jv_object_begin(&out);
	if (!aws_request_write(service, jv_get_string(line, "action"), jv_get(line, "parameters"),
						   jv_get_string(line, "token"), &request, &error))
		jv_object_add(&out, "error", jv_string(error.cause != NULL ? error.cause : "?"));
	else
	{
		jv_object_add(&out, "method", jv_string(request.method));
		jv_object_add(&out, "host_prefix", jv_string(request.host_prefix));
		jv_object_add(&out, "path", jv_string(request.path));
		jv_object_add(&out, "query", jv_string(request.query));
		jv_array_begin(&headers);
		for (int i = 0; i < request.header_count; i++)
			jv_array_add(&headers, jv_string(request.headers[i]));
		jv_object_add(&out, "headers", jv_array_end(&headers));
		jv_object_add(&out, "body", jv_string(base64_encode(request.body, request.body_length)));
	}
	puts(jv_to_text(jv_object_end(&out)));
}

static void
answer_response(const AwsService *service, const JsonVal *line)
{
	AwsResponse response = {.headers = jv_get_string(line, "headers")};
	const char *body = jv_get_string(line, "body");
	const JsonVal *result = NULL;
	SfnError error = {0};
	AwsFailure failure;
	JvObjectBuilder out;
	int64 status;

	(void) jv_to_int64(jv_get(line, "status"), &status);
	response.status = (long) status;
	response.body = base64_decode(body, (int) strlen(body), &response.body_length);
	jv_object_begin(&out);
	if (status >= 300)
	{
		aws_failure_read(service, &response, &failure);
		jv_object_add(&out, "error", jv_string(aws_failure_name(service, &failure)));
		jv_object_add(&out, "cause", jv_string(aws_failure_cause(service, &failure, response.status)));
	}
	else if (aws_response_read(service, jv_get_string(line, "action"), AWS_KEYS_SDK, &response, &result, &error))
		jv_object_add(&out, "result", result);
	else
		jv_object_add(&out, "error", jv_string(error.cause));
	puts(jv_to_text(jv_object_end(&out)));
}

static int
convert_model(const char *file)
{
	int length;
	char *text = unit_read_file(file, &length);
	const char *problem;
	const JsonVal *row = aws_model_read(parse_or_exit(text, length), &problem);

	if (row == NULL)
	{
		fprintf(stderr, "%s: %s\n", file, problem);
		return 1;
	}
	puts(jv_to_text(row));
	return 0;
}

int
main(int argc, char **argv)
{
	static char line[64 * 1024 * 1024];
	AwsService service;
	char *text;
	int length;

	if (argc != 3)
		return 2;
	if (strcmp(argv[1], "model") == 0)
		return convert_model(argv[2]);
	text = unit_read_file(argv[2], &length);
	if (!aws_service_read(parse_or_exit(text, length), &service))
		return 2;
	while (fgets(line, sizeof(line), stdin) != NULL)
	{
		const JsonVal *given = parse_or_exit(line, (int) strlen(line));

		if (strcmp(argv[1], "requests") == 0)
			answer_request(&service, given);
		else
			answer_response(&service, given);
	}
	return 0;
}
