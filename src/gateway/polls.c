/*
 * polls.c
 *	  GetActivityTask: requests that wait for a task, without a connection each.
 *
 * A request looks for a task at once; if there is none it is parked, in the order of
 * coming.  One connection waits in the database for tasks of all activities that somebody
 * is parked for (gateway_wait); what it tells of is claimed for the oldest.  An activity
 * that it does not watch yet has it cancelled and begun anew.
 *
 * A task is not for a client that has hung up.
 */
#include "gateway/polls.h"

#include <poll.h>

#include "gateway/calls.h"
#include "gateway/http.h"
#include "gateway/log.h"
#include "gateway/routes.h"
#include "gateway/settings.h"
#include "json/json_value.h"

#define NO_TASK "{\"taskToken\":null}"
#define FIRST_PAUSE (SECOND / 100)
#define LONGEST_PAUSE SECOND

static Request *oldest;
static Request *youngest;
static int parked;

/* Who watches in the database. */
static struct
{
	Arena *arena; /* of this watch; NULL: nobody watches */
	Job job;
	const JsonVal *activities; /* an object with a member for each; what has come meanwhile is not in it */
	bool is_cancelled;
	int claims;      /* under way, of what it has told */
	bool has_gained; /* one of them got a task */
	int64 pause;     /* after claims that got nothing */
	int64 not_before;
} watcher = {.pause = FIRST_PAUSE};

static void park(Request *request);
static void unpark(Request *request);
static void claim(Request *request);
static void watch(void);
static void cancel_watch(void);

/* ---- claiming ---- */

static void
claims_are_over(void)
{
	if (watcher.has_gained)
		watcher.pause = FIRST_PAUSE;
	else
	{
		watcher.not_before = loop_now() + watcher.pause;
		watcher.pause = Min(watcher.pause * 2, LONGEST_PAUSE);
	}
	watch();
}

static void
claim_ended(Request *request, bool has_gained)
{
	if (!request->is_claiming)
		return;
	request->is_claiming = false;
	watcher.has_gained = watcher.has_gained || has_gained;
	if (--watcher.claims == 0)
		claims_are_over();
}

/* Bytes that lie there unread are no sign of life: over TLS they are the farewell. */
static bool
has_hung_up(const Request *request)
{
	struct pollfd client = {.fd = request->socket, .events = POLLRDHUP};

	return request->socket >= 0 && poll(&client, 1, 0) != 0;
}

/* The database has looked for a task. */
static void
looked(Request *request, const char *answer)
{
	JvParseError error;
	const JsonVal *value = answer != NULL ? jv_parse(answer, (int) strlen(answer), &error) : NULL;
	const char *token = jv_get_string(value, "taskToken");

	if (answer != NULL && token == NULL)
	{
		if (request->is_claiming)
			claim_ended(request, false); /* it stays where it was in line */
		else
			park(request);
		return;
	}
	unpark(request);
	if (answer == NULL)
	{
		claim_ended(request, false);
		return;
	}
	request->task_token = token;
	if (has_hung_up(request))
	{
		poll_give_back(token);
		request->task_token = NULL;
		request_abandon(request);
	}
	else
		request_answer_json(request, answer);
	claim_ended(request, true);
}

static void
claim(Request *request)
{
	Arena *before = arena_use(request->arena);

	request->is_claiming = true;
	watcher.claims++;
	call_api(request, "GetActivityTask", request->body, POOL_CALLS, looked);
	arena_use(before);
}

/* ---- the line ---- */

static void
hung_up(Watch *hang_up, uint32 events)
{
	Request *request = hang_up->owner;

	(void) events;
	if (request->is_claiming)
	{
		request_forget_client(request); /* the answer finds out */
		return;
	}
	arena_use(request->arena);
	unpark(request);
	request_abandon(request);
}

static void
park(Request *request)
{
	if (routes_are_draining() || loop_now() >= request->waits_until)
	{
		request_answer_json(request, NO_TASK);
		return;
	}
	request->next_poll = NULL;
	request->previous_poll = youngest;
	if (youngest != NULL)
		youngest->next_poll = request;
	else
		oldest = request;
	youngest = request;
	parked++;
	request_watch_client(request, hung_up);
	if (watcher.arena != NULL && jv_get(watcher.activities, request->activity) == NULL)
		cancel_watch();
	watch();
}

static bool
is_parked(const Request *request)
{
	return request->previous_poll != NULL || oldest == request;
}

static void
unpark(Request *request)
{
	request_forget_client(request);
	if (!is_parked(request))
		return;
	if (request->previous_poll != NULL)
		request->previous_poll->next_poll = request->next_poll;
	else
		oldest = request->next_poll;
	if (request->next_poll != NULL)
		request->next_poll->previous_poll = request->previous_poll;
	else
		youngest = request->previous_poll;
	request->next_poll = request->previous_poll = NULL;
	parked--;
}

/* ---- watching ---- */

static void
hand_out(const JsonVal *found)
{
	for (int i = 0; found != NULL && found->type == JV_OBJECT && i < found->count; i++)
	{
		int64 tasks = 0;

		(void) jv_to_int64(found->u.members[i].value, &tasks);
		for (Request *request = oldest; request != NULL && tasks > 0;)
		{
			Request *next = request->next_poll;

			if (!request->is_claiming && strcmp(request->activity, found->u.members[i].key) == 0)
			{
				claim(request);
				tasks--;
			}
			request = next;
		}
	}
}

static void
told(Job *job, const PGresult *result, const char *sqlstate)
{
	const char *answer = sqlstate == NULL ? result_value(result, 0) : NULL;
	Arena *arena = watcher.arena;
	JvParseError error;

	(void) job;
	if (sqlstate != NULL && !watcher.is_cancelled)
		watcher.not_before = loop_now() + SECOND;
	watcher.arena = NULL;
	watcher.is_cancelled = false;
	watcher.has_gained = false;
	watcher.claims++; /* ours, so that those that end at once do not end the round */
	if (answer != NULL)
		hand_out(jv_parse(answer, (int) strlen(answer), &error));
	if (--watcher.claims == 0 && answer != NULL && strcmp(answer, "{}") != 0)
		claims_are_over();
	arena_free(arena);
	watch();
}

/* All activities that somebody is parked for. */
static const JsonVal *
wanted_activities(void)
{
	JvObjectBuilder all;
	const char *last = "";

	jv_object_begin(&all);
	for (Request *request = oldest; request != NULL; request = request->next_poll)
	{
		if (strcmp(request->activity, last) != 0)
			jv_object_add(&all, request->activity, jv_null());
		last = request->activity;
	}
	return jv_object_end(&all);
}

/* As an array of the database; ARNs that have been asked for have neither quotes nor backslashes, but clients choose. */
static char *
array_text(const JsonVal *activities)
{
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoChar(&out, '{');
	for (int i = 0; i < activities->count; i++)
	{
		appendStringInfo(&out, "%s\"", i > 0 ? "," : "");
		for (const char *c = activities->u.members[i].key; *c != '\0'; c++)
		{
			if (*c == '"' || *c == '\\')
				appendStringInfoChar(&out, '\\');
			appendStringInfoChar(&out, *c);
		}
		appendStringInfoChar(&out, '"');
	}
	appendStringInfoChar(&out, '}');
	return out.data;
}

/* The watch is to begin anew, with more activities. */
static void
cancel_watch(void)
{
	if (watcher.is_cancelled)
		return;
	watcher.is_cancelled = true;
	pool_cancel(POOL_WAIT, &watcher.job);
}

static void
watch(void)
{
	Arena *before;

	if (watcher.arena != NULL || oldest == NULL || watcher.claims > 0 || loop_now() < watcher.not_before)
		return;
	watcher.arena = arena_new();
	before = arena_use(watcher.arena);
	watcher.activities = wanted_activities();
	watcher.job = (Job){.arena = watcher.arena,
						.statement = STATEMENT_WAIT,
						.parameters = {array_text(watcher.activities)},
						.done = told};
	pool_ask(POOL_WAIT, &watcher.job);
	arena_use(before);
}

/* ---- requests ---- */

void
poll_request(Request *request)
{
	JvParseError error;
	const JsonVal *body = jv_parse(request->body, (int) request->body_length, &error);
	const char *activity = jv_get_string(body, "activityArn");

	request->activity = activity != NULL ? activity : "";
	request->waits_until = request->began + settings.activity_wait * SECOND;
	call_api(request, "GetActivityTask", request->body, POOL_CALLS, looked);
}

int
polls_tend(void)
{
	int64 now = loop_now();
	int64 next = now + SECOND;

	while (oldest != NULL && !oldest->is_claiming && oldest->waits_until <= now)
	{
		Request *request = oldest;

		arena_use(request->arena);
		unpark(request);
		request_answer_json(request, NO_TASK);
	}
	if (oldest != NULL && !oldest->is_claiming)
		next = Min(next, oldest->waits_until);
	if (oldest != NULL && watcher.arena == NULL && watcher.not_before > now)
		next = Min(next, watcher.not_before);
	watch();
	return (int) ((next - now) / 1000) + 1;
}

void
polls_end(void)
{
	for (Request *request = oldest; request != NULL;)
	{
		Request *next = request->next_poll;

		if (!request->is_claiming)
		{
			arena_use(request->arena);
			unpark(request);
			request_answer_json(request, NO_TASK);
		}
		request = next;
	}
}

int
polls_parked(void)
{
	return parked;
}

/* ---- giving back ---- */

static void
given_back(Job *job, const PGresult *result, const char *sqlstate)
{
	(void) result;
	if (sqlstate != NULL)
		log_line("polls", "a task whose worker had gone could not be given back; it waits for its time-out");
	arena_free(job->arena);
}

void
poll_give_back(const char *task_token)
{
	Arena *arena = arena_new();
	Arena *before = arena_use(arena);
	Job *job = palloc0(sizeof(Job));

	job->arena = arena;
	job->statement = STATEMENT_RETURN_TASK;
	job->parameters[0] = pstrdup(task_token);
	job->done = given_back;
	pool_ask(POOL_CALLS, job);
	arena_use(before);
}
