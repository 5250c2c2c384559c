/*
 * routes.c
 *	  What requests there are, and who answers them.
 *
 * First it is looked whether the request can be meant for us at all (origins.c).
 */
#include "gateway/routes.h"

#include "aws/arn.h"
#include "aws/url_encoding.h"
#include "base/texts.h"
#include "gateway/calls.h"
#include "gateway/failures.h"
#include "gateway/http.h"
#include "gateway/keys.h"
#include "gateway/links.h"
#include "gateway/metrics.h"
#include "gateway/origins.h"
#include "gateway/page.h"
#include "gateway/polls.h"
#include "gateway/pool.h"
#include "gateway/scheduler.h"
#include "gateway/settings.h"
#include "gateway/sns.h"
#include "json/json_value.h"

#define DATABASE_PREFIX "/db/"

static bool is_draining;

void
routes_drain(void)
{
	is_draining = true;
}

bool
routes_are_draining(void)
{
	return is_draining;
}

/* ---- the actions of AWS's APIs ---- */

static void
answer_as_it_is(Request *request, const char *answer)
{
	if (answer != NULL)
		request_answer_json(request, answer);
}

static void
run_action(Request *request)
{
	const char *name;
	PoolKind pool;

	if (strcmp(request->call_name, "GetActivityTask") == 0)
		poll_request(request);
	else if (action_find(request->call_name, &name, &pool))
		call_api(request, name, request->body, pool, answer_as_it_is);
}

static void
route_action(Request *request, const char *target)
{
	if (!request_take_target(request, target))
	{
		request->action = "Unknown";
		request_fail(request, 400, "UnknownOperationException", psprintf("Unknown operation '%s'", target));
		return;
	}
	if (request_is_text(request))
		keys_authenticate(request, request->service, run_action);
}

/* ---- STS: who am I ---- */

static void
tell_identity(Request *request)
{
	const char *account = pool_account(request->database) != NULL ? pool_account(request->database) : "";

	request_answer(request, 200, "text/xml",
				   psprintf("<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
							"<GetCallerIdentityResult><Arn>arn:aws:iam::%s:user/%s</Arn><UserId>%s</UserId>"
							"<Account>%s</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>%s</RequestId>"
							"</ResponseMetadata></GetCallerIdentityResponse>",
							account, url_encode(request->role_name, false),
							request->key_id != NULL ? url_encode(request->key_id, false) : "", account, request->id));
}

static void
route_form(Request *request)
{
	const char *action = request_form_value(request, "Action");

	request->style = ANSWER_XML;
	if (action != NULL && sns_route(request, action))
		return;
	if (action == NULL || strcmp(action, "GetCallerIdentity") != 0)
	{
		request_fail(request, 400, "InvalidAction", "Could not find operation for this request");
		return;
	}
	request->action = "GetCallerIdentity";
	keys_authenticate(request, "sts", tell_identity);
}

static void
route_root(Request *request, const char *rest)
{
	const char *target = request_header(request, "x-amz-target");
	const char *type = request_header(request, "content-type");

	(void) rest;
	if (target != NULL)
		route_action(request, target);
	else if (type != NULL && text_begins_with(type, "application/x-www-form-urlencoded"))
		route_form(request);
	else
		request_fail(request, 400, "UnknownOperationException", "There is no X-Amz-Target");
}

/* ---- /start/<machine>, /sync/<machine> ---- */

/* The request of the API for a start with the body as its input; NULL: it has been refused. */
static char *
start_request(Request *request, bool is_named)
{
	const char *machine = request->target; /* what stands behind /start/ */
	const char *name = is_named ? request_parameter(request, "name") : NULL;
	JvObjectBuilder body;
	const char *arn;

	if (name == NULL && is_named)
		name = request_header(request, "idempotency-key");
	if (pool_region(request->database) == NULL)
	{
		fail_of_database(request, NULL, "08000");
		return NULL;
	}
	arn = arn_looks_like(machine)
		? machine
		: arn_of_machine(pool_region(request->database), pool_account(request->database), machine);
	jv_object_begin(&body);
	jv_object_add(&body, "stateMachineArn", jv_string(arn));
	jv_object_add(&body, "input", jv_string(request_input(request)));
	if (name != NULL)
		jv_object_add(&body, "name", jv_string(name));
	return jv_to_text(jv_object_end(&body));
}

static void
started(Request *request, const char *answer)
{
	if (answer != NULL)
		request_answer(request, 202, "application/json", answer);
}

static void
run_start(Request *request)
{
	char *body = start_request(request, true);

	if (body != NULL)
		call_api(request, "StartExecution", body, POOL_CALLS, started);
}

/* The output itself; an execution that failed is an error of what is behind us. */
static void
ended(Request *request, const char *answer)
{
	JvParseError error;
	const JsonVal *end = answer != NULL ? jv_parse(answer, (int) strlen(answer), &error) : NULL;
	const char *status = jv_get_string(end, "status");
	JvObjectBuilder failure;

	if (answer == NULL)
		return;
	request_add_header(request, "x-sfn-execution-arn", jv_get_string(end, "executionArn"));
	request_add_header(request, "x-sfn-status", status);
	if (strcmp(status, "SUCCEEDED") == 0)
	{
		request_answer(request, 200, "application/json", jv_get_string(end, "output"));
		return;
	}
	jv_object_begin(&failure);
	jv_object_add(&failure, "error", jv_get(end, "error") != NULL ? jv_get(end, "error") : jv_null());
	jv_object_add(&failure, "cause", jv_get(end, "cause") != NULL ? jv_get(end, "cause") : jv_null());
	request->error = status;
	request_answer(request, strcmp(status, "TIMED_OUT") == 0 ? 504 : 502, "application/json",
				   jv_to_text(jv_object_end(&failure)));
}

static void
run_sync(Request *request)
{
	char *body = start_request(request, false);

	if (body != NULL)
		call_api(request, "StartSyncExecution", body, POOL_SYNC, ended);
}

static bool
read_machine(Request *request, const char *rest)
{
	request->target = url_decode(rest, (int) strlen(rest));
	if (request->target == NULL || request->target[0] == '\0')
		request_fail(request, 404, "ResourceNotFound", "The path names no state machine");
	else if (memchr(request->body, '\0', request->body_length) != NULL)
		request_fail(request, 400, "InvalidExecutionInput", "The input has a byte 0");
	return request->status == 0;
}

static void
route_start(Request *request, const char *rest)
{
	request->action = "StartExecution";
	if (read_machine(request, rest))
		keys_authenticate(request, "states", run_start);
}

static void
route_sync(Request *request, const char *rest)
{
	request->action = "StartSyncExecution";
	if (read_machine(request, rest))
		keys_authenticate(request, "states", run_sync);
}

/* ---- /callback ---- */

/* {"taskToken", "output" | "error", "cause"}; with neither it is a heartbeat. */
static void
run_callback(Request *request)
{
	static const char *const copied[] = {"taskToken", "error", "cause"};
	JvParseError error;
	const JsonVal *body = jv_parse(request->body, (int) request->body_length, &error);
	JvObjectBuilder call;

	jv_object_begin(&call);
	for (size_t i = 0; i < lengthof(copied); i++)
	{
		if (jv_get_string(body, copied[i]) != NULL)
			jv_object_add(&call, copied[i], jv_get(body, copied[i]));
	}
	if (strcmp(request->action, "SendTaskSuccess") == 0)
		jv_object_add(&call, "output", jv_string(jv_to_text(jv_get(body, "output"))));
	if (request->role != NULL)
		call_api(request, request->action, jv_to_text(jv_object_end(&call)), POOL_CALLS, answer_as_it_is);
	else
		call_answer(request, request->action, jv_to_text(jv_object_end(&call)), answer_as_it_is);
}

/* Without a key the token itself has to do, where the database takes that. */
static void
route_callback(Request *request, const char *rest)
{
	JvParseError error;
	const JsonVal *body = jv_parse(request->body, (int) request->body_length, &error);

	(void) rest;
	request->action = jv_get(body, "output") != NULL                     ? "SendTaskSuccess"
		: jv_get(body, "error") != NULL || jv_get(body, "cause") != NULL ? "SendTaskFailure"
																		 : "SendTaskHeartbeat";
	if (jv_get_string(body, "taskToken") == NULL)
		request_fail(request, 400, "ValidationException", "The body must be a JSON object with the string taskToken");
	else if (settings.open_role == NULL && request_header(request, "authorization") == NULL)
		run_callback(request);
	else
		keys_authenticate(request, "states", run_callback);
}

/* ---- /events: one event, or a list of them, as AWS's API destinations send them ---- */

/* An entry of PutEvents; what is no event is an entry without anything, which PutEvents says. */
static const JsonVal *
entry_of(const JsonVal *event)
{
	const JsonVal *type =
		jv_get(event, "detail-type") != NULL ? jv_get(event, "detail-type") : jv_get(event, "detailType");
	const JsonVal *detail = jv_get(event, "detail");
	JvObjectBuilder entry;

	jv_object_begin(&entry);
	if (jv_get(event, "source") != NULL)
		jv_object_add(&entry, "Source", jv_get(event, "source"));
	if (type != NULL)
		jv_object_add(&entry, "DetailType", type);
	if (detail != NULL)
		jv_object_add(&entry, "Detail", jv_string(jv_to_text(detail)));
	if (jv_get(event, "resources") != NULL)
		jv_object_add(&entry, "Resources", jv_get(event, "resources"));
	return jv_object_end(&entry);
}

/* Events that were refused are told in the answer, as PutEvents tells them, and by its status. */
static void
events_put(Request *request, const char *answer)
{
	JvParseError error;
	const JsonVal *result = answer != NULL ? jv_parse(answer, (int) strlen(answer), &error) : NULL;
	int64 failed;

	if (answer != NULL)
		request_answer(request, jv_to_int64(jv_get(result, "FailedEntryCount"), &failed) && failed == 0 ? 200 : 400,
					   "application/json", answer);
}

static void
run_events(Request *request)
{
	JvParseError error;
	const JsonVal *body = jv_parse(request->body, (int) request->body_length, &error);
	JvArrayBuilder entries;
	JvObjectBuilder call;

	jv_array_begin(&entries);
	if (!jv_is(body, JV_ARRAY))
		jv_array_add(&entries, entry_of(body));
	for (int i = 0; jv_is(body, JV_ARRAY) && i < body->count; i++)
		jv_array_add(&entries, entry_of(body->u.items[i]));
	jv_object_begin(&call);
	jv_object_add(&call, "Entries", jv_array_end(&entries));
	call_api(request, request->call_name, jv_to_text(jv_object_end(&call)), POOL_CALLS, events_put);
}

static void
route_events(Request *request, const char *rest)
{
	(void) rest;
	request->style = ANSWER_JSON_11;
	request_asks_for(request, "events", "events:PutEvents");
	if (request_is_text(request))
		keys_authenticate(request, "events", run_events);
}

/* ---- for whoever looks after the gateway ---- */

static void
route_health(Request *request, const char *rest)
{
	(void) rest;
	request->action = "healthz";
	request_answer(request, 200, "text/plain", "ok\n");
}

static void
route_ready(Request *request, const char *rest)
{
	(void) rest;
	request->action = "readyz";
	if (is_draining)
		request_answer(request, 503, "text/plain", "stopping\n");
	else if (pool_is_ready())
		request_answer(request, 200, "text/plain", "ok\n");
	else
		request_answer(request, 503, "text/plain", "no connection to the database\n");
}

static void
route_metrics(Request *request, const char *rest)
{
	(void) rest;
	request->action = "metrics";
	if (settings.metrics_listen[0] != '\0' && !request->is_for_metrics)
	{
		request_fail(request, 404, "UnknownOperationException", "There is nothing at this path");
		return;
	}
	request_answer(request, 200, "text/plain; version=0.0.4", metrics_text());
}

/* ---- the routes ---- */

static const struct
{
	const char *method; /* NULL: any */
	const char *path;   /* one that ends in a star: with anything behind it */
	void (*run)(Request *request, const char *rest);
	bool has_secret;     /* in its path, which is all the right that it needs */
	bool is_for_metrics; /* served at addresses for that, too */
} routes[] = {
	{"POST", "/", route_root},
	{"POST", "/start/*", route_start},
	{"POST", "/sync/*", route_sync},
	{"POST", "/callback", route_callback},
	{"POST", "/events", route_events},
	{NULL, "/schedules", scheduler_route},
	{NULL, "/schedules/*", scheduler_route},
	{NULL, "/schedule-groups", scheduler_route},
	{NULL, "/schedule-groups/*", scheduler_route},
	{NULL, "/tags/*", scheduler_route},
	{"GET", "/healthz", route_health, .is_for_metrics = true},
	{"GET", "/readyz", route_ready, .is_for_metrics = true},
	{"GET", "/metrics", route_metrics, .is_for_metrics = true},
	{"GET", "/", page_redirect},
	{"GET", "/ui", page_redirect},
	{"GET", "/ui/session", page_session},
	{"POST", "/ui/page/*", page_data},
	{"POST", "/ui/watch", page_watch},
	{"POST", "/ui/api", page_api},
	{"POST", "/ui/login", page_log_in},
	{"POST", "/ui/logout", page_log_out},
	{"GET", "/ui/*", page_file},
	{"GET", "/link/*", link_show, .has_secret = true},
	{"POST", "/link/*", link_use, .has_secret = true},
};

const char *
route_rest(const char *path, const char *pattern)
{
	size_t length = strlen(pattern) - 1;

	if (pattern[length] != '*')
		return strcmp(path, pattern) == 0 ? "" : NULL;
	return strncmp(path, pattern, length) == 0 ? path + length : NULL;
}

/* False: the path does not begin with that of --base-path. */
static bool
read_base_path(Request *request)
{
	size_t length = strlen(settings.base_path);
	const char *rest = request->path + length;

	if (strncmp(request->path, settings.base_path, length) != 0 || (length > 0 && *rest != '/' && *rest != '\0'))
	{
		request_fail(request, 404, "UnknownOperationException", "There is nothing at this path");
		return false;
	}
	request->base = settings.base_path;
	request->path = *rest != '\0' ? rest : "/";
	return true;
}

/* "/db/<name>/...": what stands behind it; false: there is no such database. */
static bool
read_database(Request *request)
{
	const char *path = request->path;
	const char *rest;
	const char *name;

	if (!text_begins_with(path, DATABASE_PREFIX))
		return true;
	rest = path + strlen(DATABASE_PREFIX);
	rest += strcspn(rest, "/");
	name = url_decode(path + strlen(DATABASE_PREFIX), (int) (rest - path - strlen(DATABASE_PREFIX)));
	request->database = name != NULL ? pool_find_database(name) : -1;
	if (request->database < 0)
	{
		request_fail(request, 404, "ResourceNotFound", "There is no such database here");
		return false;
	}
	request->names_database = true;
	request->base = psprintf("%s%s", request->base, pnstrdup(path, rest - path));
	request->path = rest[0] != '\0' ? rest : "/";
	return true;
}

void
route_request(Request *request)
{
	bool has_path = false;

	if (!origin_names_us(request))
		return;
	origin_allow(request);
	if (strcmp(request->received.method, "OPTIONS") == 0)
	{
		origin_preflight(request);
		return;
	}
	if (!request->is_for_metrics && (!read_base_path(request) || !read_database(request)))
		return;
	for (size_t i = 0; i < lengthof(routes); i++)
	{
		const char *rest = route_rest(request->path, routes[i].path);

		if (rest == NULL || (request->is_for_metrics && !routes[i].is_for_metrics))
			continue;
		has_path = true;
		if (routes[i].method == NULL || strcmp(routes[i].method, request->received.method) == 0)
		{
			if (routes[i].has_secret || origin_is_trusted(request))
				routes[i].run(request, rest);
			return;
		}
	}
	if (has_path)
		request_fail(request, 405, "MethodNotAllowed", "The method is not allowed here");
	else
		request_fail(request, 404, "UnknownOperationException", "There is nothing at this path");
}
