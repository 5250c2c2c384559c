/*
 * lambda.c
 *	  Shapes of the Lambda API.
 */
#include "base/port.h"

#include "aws/lambda.h"
#include "aws/sdk_answer.h"
#include "base/hashes.h"

/* The end of a function's log in base64: what Lambda itself writes there. */
static const JsonVal *
log_tail(const char *request_id)
{
	char *log = psprintf("START RequestId: %s Version: $LATEST\nEND RequestId: %s\n", request_id, request_id);

	return jv_string(base64_encode(log, strlen(log)));
}

const JsonVal *
lambda_invoke_answer(const JsonVal *payload, const char *request_id, bool with_log)
{
	JvObjectBuilder result;

	jv_object_begin(&result);
	jv_object_add(&result, "ExecutedVersion", jv_string("$LATEST"));
	if (with_log)
		jv_object_add(&result, "LogResult", log_tail(request_id));
	jv_object_add(&result, "Payload", payload);
	sdk_answer_metadata(&result, "application/json", "$LATEST", request_id);
	jv_object_add(&result, "StatusCode", jv_int(200));
	return jv_object_end(&result);
}
