/*
 * sdk_answer.c
 *	  The envelope that AWS's SDK puts around answers and errors of services.
 */
#include "base/port.h"

#include "aws/sdk_answer.h"

void
sdk_answer_metadata(JvObjectBuilder *answer, const char *content_type, const char *version, const char *request_id)
{
	JvObjectBuilder headers;
	JvObjectBuilder http;
	JvObjectBuilder metadata;

	jv_object_begin(&headers);
	jv_object_add(&headers, "Content-Type", jv_string(content_type));
	if (version != NULL)
		jv_object_add(&headers, "X-Amz-Executed-Version", jv_string(version));
	jv_object_add(&headers, "x-amzn-RequestId", jv_string(request_id));
	jv_object_begin(&http);
	jv_object_add(&http, "HttpHeaders", jv_object_end(&headers));
	jv_object_add(&http, "HttpStatusCode", jv_int(200));
	jv_object_begin(&metadata);
	jv_object_add(&metadata, "RequestId", jv_string(request_id));

	jv_object_add(answer, "SdkHttpMetadata", jv_object_end(&http));
	jv_object_add(answer, "SdkResponseMetadata", jv_object_end(&metadata));
}

char *
sdk_error_cause(const char *text, const char *service, int status, const char *code, const char *request_id)
{
	return psprintf("%s (Service: %s; Status Code: %d; Error Code: %s; Request ID: %s; Proxy: null)", text, service,
					status, code, request_id);
}
