/*
 * polls.c
 *	  GetActivityTask: requests that wait for a task, without a connection each.
 *
 * A request looks for a task at once; if there is none it is parked, in the order of
 * coming, in the line of its database.  One connection waits in the database for tasks of
 * all activities that somebody is parked for (gateway_wait); what it tells of is claimed
 * for the oldest.  An activity that it does not watch yet has it cancelled and begun anew.
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

/* Who waits in a database, and who watches there. */
typedef struct Line
{
	Request *oldest;
	Request *youngest;
	Arena *arena; /* of this watch; NULL: nobody watches */
	Job job;
	const JsonVal *activities; /* an object with a member for each; what has come meanwhile is not in it */
	bool is_cancelled;
	int claims;      /* under way, of what it has told */
	bool has_gained; /* one of them got a task */
	int64 pause;     /* after claims that got nothing */
	int64 not_before;
} Line;

static Line lines[MAX_DATABASES];
static int parked;

static void park(Request *request);
static void unpark(Request *request);
static void claim(Request *request);
static void watch(Line *line);
static void cancel_watch(Line *line);

static Line *
line_of(const Request *request)
{
	return &lines[request->database];
}

/* ---- claiming ---- */

static void
claims_are_over(Line *line)
{
	if (line->has_gained)
		line->pause = 0;
	else
	{
		line->pause = Max(line->pause, FIRST_PAUSE);
		line->not_before = loop_now() + line->pause;
		line->pause = Min(line->pause * 2, LONGEST_PAUSE);
	}
	watch(line);
}

static void
claim_ended(Request *request, bool has_gained)
{
	Line *line = line_of(request);

	if (!request->is_claiming)
		return;
	request->is_claiming = false;
	line->has_gained = line->has_gained || has_gained;
	if (--line->claims == 0)
		claims_are_over(line);
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
		poll_give_back(request->database, token);
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
	line_of(request)->claims++;
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
	Line *line = line_of(request);

	if (routes_are_draining() || loop_now() >= request->waits_until)
	{
		request_answer_json(request, NO_TASK);
		return;
	}
	request->next_poll = NULL;
	request->previous_poll = line->youngest;
	if (line->youngest != NULL)
		line->youngest->next_poll = request;
	else
		line->oldest = request;
	line->youngest = request;
	parked++;
	request_watch_client(request, hung_up);
	if (line->arena != NULL && jv_get(line->activities, request->activity) == NULL)
		cancel_watch(line);
	watch(line);
}

static bool
is_parked(const Request *request)
{
	return request->previous_poll != NULL || line_of(request)->oldest == request;
}

static void
unpark(Request *request)
{
	Line *line = line_of(request);

	request_forget_client(request);
	if (!is_parked(request))
		return;
	if (request->previous_poll != NULL)
		request->previous_poll->next_poll = request->next_poll;
	else
		line->oldest = request->next_poll;
	if (request->next_poll != NULL)
		request->next_poll->previous_poll = request->previous_poll;
	else
		line->youngest = request->previous_poll;
	request->next_poll = request->previous_poll = NULL;
	parked--;
}

/* ---- watching ---- */

static void
hand_out(Line *line, const JsonVal *found)
{
	for (int i = 0; found != NULL && found->type == JV_OBJECT && i < found->count; i++)
	{
		int64 tasks = 0;

		(void) jv_to_int64(found->u.members[i].value, &tasks);
		for (Request *request = line->oldest; request != NULL && tasks > 0;)
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
	Line *line = job->owner;
	Arena *arena = line->arena;
	JvParseError error;

	if (sqlstate != NULL && !line->is_cancelled)
		line->not_before = loop_now() + SECOND;
	line->arena = NULL;
	line->is_cancelled = false;
	line->has_gained = false;
	line->claims++; /* ours, so that those that end at once do not end the round */
	if (answer != NULL)
		hand_out(line, jv_parse(answer, (int) strlen(answer), &error));
	if (--line->claims == 0 && answer != NULL && strcmp(answer, "{}") != 0)
		claims_are_over(line);
	arena_free(arena);
	watch(line);
}

/* All activities that somebody is parked for. */
static const JsonVal *
wanted_activities(const Line *line)
{
	JvObjectBuilder all;
	const char *last = "";

	jv_object_begin(&all);
	for (const Request *request = line->oldest; request != NULL; request = request->next_poll)
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
cancel_watch(Line *line)
{
	if (line->is_cancelled)
		return;
	line->is_cancelled = true;
	pool_cancel(POOL_WAIT, &line->job);
}

static void
watch(Line *line)
{
	Arena *before;

	if (line->arena != NULL || line->oldest == NULL || line->claims > 0 || loop_now() < line->not_before)
		return;
	line->arena = arena_new();
	before = arena_use(line->arena);
	line->activities = wanted_activities(line);
	line->job = (Job){.arena = line->arena,
					  .database = (int) (line - lines),
					  .statement = STATEMENT_WAIT,
					  .parameters = {array_text(line->activities)},
					  .done = told,
					  .owner = line};
	pool_ask(POOL_WAIT, &line->job);
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

/* Returns when to look again, at the latest at next. */
static int64
tend_line(Line *line, int64 now, int64 next)
{
	while (line->oldest != NULL && !line->oldest->is_claiming && line->oldest->waits_until <= now)
	{
		Request *request = line->oldest;

		arena_use(request->arena);
		unpark(request);
		request_answer_json(request, NO_TASK);
	}
	if (line->oldest != NULL && !line->oldest->is_claiming)
		next = Min(next, line->oldest->waits_until);
	if (line->oldest != NULL && line->arena == NULL && line->not_before > now)
		next = Min(next, line->not_before);
	watch(line);
	return next;
}

int
polls_tend(void)
{
	int64 now = loop_now();
	int64 next = now + SECOND;

	for (int i = 0; i < pool_databases(); i++)
		next = tend_line(&lines[i], now, next);
	return (int) ((next - now) / 1000) + 1;
}

static void
end_line(Line *line)
{
	for (Request *request = line->oldest; request != NULL;)
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

void
polls_end(void)
{
	for (int i = 0; i < pool_databases(); i++)
		end_line(&lines[i]);
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
poll_give_back(int database, const char *task_token)
{
	Arena *arena = arena_new();
	Arena *before = arena_use(arena);
	Job *job = palloc0(sizeof(Job));

	job->arena = arena;
	job->database = database;
	job->statement = STATEMENT_RETURN_TASK;
	job->parameters[0] = pstrdup(task_token);
	job->done = given_back;
	pool_ask(POOL_CALLS, job);
	arena_use(before);
}
