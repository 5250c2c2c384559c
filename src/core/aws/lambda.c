/*
 * lambda.c
 *	  Shapes of the Lambda API.
 */
#include "base/port.h"

#include "aws/lambda.h"
#include "aws/sdk_answer.h"

const JsonVal *
lambda_invoke_answer(const JsonVal *payload, const char *request_id)
{
	JvObjectBuilder result;

	jv_object_begin(&result);
	jv_object_add(&result, "ExecutedVersion", jv_string("$LATEST"));
	jv_object_add(&result, "Payload", payload);
	sdk_answer_metadata(&result, "application/json", "$LATEST", request_id);
	jv_object_add(&result, "StatusCode", jv_int(200));
	return jv_object_end(&result);
}
