/*
 * http.c
 *	  Tasks that are HTTP requests: http:invoke, "https://..." and functions by URL.
 *
 * A turn only leaves the request behind; the pump (workers/http_pump.c) sends it
 * once the turn has committed.  A synchronous execution has no turns: its requests
 * are made at once (http_inline.c).
 */
#include "postgres.h"

#include "services/http/http_inline.h"
#include "services/http/http_request.h"
#include "services/service.h"
#include "shared/wakeup.h"

ServiceOutcome
service_begin_http(const ServiceCall *call, HttpFlavour flavour, const char *url, const JsonVal *input, Event *answer)
{
	const char *host = http_host_of(url != NULL ? url : jv_get_string(input, "ApiEndpoint"));

	return service_begin_http_stored(call, http_task_parameters(flavour, url, input), host, answer);
}

ServiceOutcome
service_begin_http_stored(const ServiceCall *call, const JsonVal *stored, const char *host, Event *answer)
{
	if (call->is_inline)
		return http_task_inline(call, stored, answer);
	if (call->task != NULL)
	{
		call->task->parameters = jv_to_text(stored);
		call->task->host = host;
	}
	pump_wakeup_at_commit();
	return service_begin(call, TASK_HTTP, TASK_TO_BE_TAKEN, answer);
}

ServiceOutcome
service_run_http_invoke(const ServiceCall *call, Event *answer)
{
	return service_begin_http(call, HTTP_INVOKE, NULL, call->parameters, answer);
}

ServiceOutcome
service_run_http_post(const ServiceCall *call, Event *answer)
{
	return service_begin_http(call, HTTP_POST, call->resource->text, call->parameters, answer);
}
