/*
 * polls.c
 *	  GetActivityTask: requests that wait for a task, without a connection each.
 *
 * A request looks for a task at once; if there is none it is parked, in the order of
 * coming, in the line of its database.  One connection waits in the database for tasks of
 * all activities that somebody is parked for (gateway_wait); what it tells of is claimed
 * for the oldest.  An activity that it does not watch yet has it cancelled and begun anew.
 * Before several shards, one waits in each of them for the same line.
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
#include "gateway/shards.h"
#include "json/json_value.h"

#define NO_TASK "{\"taskToken\":null}"
#define FIRST_PAUSE (SECOND / 100)
#define LONGEST_PAUSE SECOND

/* Who waits for tasks of a database, or of its shards. */
typedef struct Line
{
	Request *oldest;
	Request *youngest;
} Line;

/* Who watches in a database. */
typedef struct Lookout
{
	Line *line;
	Arena *arena; /* of this watch; NULL: nobody watches */
	Job job;
	const JsonVal *activities; /* an object with a member for each; what has come meanwhile is not in it */
	bool is_cancelled;
	int claims;      /* under way, of what it has told */
	bool has_gained; /* one of them got a task */
	int64 pause;     /* after claims that got nothing */
	int64 not_before;
} Lookout;

static Line lines[MAX_DATABASES];
static Lookout lookouts[MAX_DATABASES]; /* by the number of the database that they watch in */
static int parked;

static void park(Request *request);
static void unpark(Request *request);
static void claim(Request *request, int database);
static void watch(Line *line);
static void watch_in(Lookout *lookout);
static void cancel_watch(Lookout *lookout);

static Line *
line_of(const Request *request)
{
	return &lines[request->database];
}

/* The databases in which somebody is to watch for it: its own, or the shards behind that. */
static int
databases_of(const Line *line, int *databases)
{
	int own = (int) (line - lines);
	int count = shards_databases(own, databases, MAX_DATABASES);

	if (count > 0)
		return count;
	databases[0] = own;
	return 1;
}

/* ---- claiming ---- */

static void
claims_are_over(Lookout *lookout)
{
	if (lookout->has_gained)
		lookout->pause = 0;
	else
	{
		lookout->pause = Max(lookout->pause, FIRST_PAUSE);
		lookout->not_before = loop_now() + lookout->pause;
		lookout->pause = Min(lookout->pause * 2, LONGEST_PAUSE);
	}
	watch_in(lookout);
}

static void
claim_ended(Request *request, bool has_gained)
{
	Lookout *lookout = &lookouts[request->claims_in];

	if (!request->is_claiming)
		return;
	request->is_claiming = false;
	lookout->has_gained = lookout->has_gained || has_gained;
	if (--lookout->claims == 0)
		claims_are_over(lookout);
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
claim(Request *request, int database)
{
	Arena *before = arena_use(request->arena);

	request->is_claiming = true;
	request->claims_in = database;
	lookouts[database].claims++;
	call_poll(request, database, looked);
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
	int databases[MAX_DATABASES];
	int count = databases_of(line, databases);

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
	for (int i = 0; i < count; i++)
	{
		Lookout *lookout = &lookouts[databases[i]];

		if (lookout->arena != NULL && jv_get(lookout->activities, request->activity) == NULL)
			cancel_watch(lookout);
	}
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
hand_out(Lookout *lookout, const JsonVal *found)
{
	for (int i = 0; found != NULL && found->type == JV_OBJECT && i < found->count; i++)
	{
		int64 tasks = 0;

		(void) jv_to_int64(found->u.members[i].value, &tasks);
		for (Request *request = lookout->line->oldest; request != NULL && tasks > 0;)
		{
			Request *next = request->next_poll;

			if (!request->is_claiming && strcmp(request->activity, found->u.members[i].key) == 0)
			{
				claim(request, (int) (lookout - lookouts));
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
	Lookout *lookout = job->owner;
	Arena *arena = lookout->arena;
	JvParseError error;

	if (sqlstate != NULL && !lookout->is_cancelled)
		lookout->not_before = loop_now() + SECOND;
	lookout->arena = NULL;
	lookout->is_cancelled = false;
	lookout->has_gained = false;
	lookout->claims++; /* ours, so that those that end at once do not end the round */
	if (answer != NULL)
		hand_out(lookout, jv_parse(answer, (int) strlen(answer), &error));
	if (--lookout->claims == 0 && answer != NULL && strcmp(answer, "{}") != 0)
		claims_are_over(lookout);
	arena_free(arena);
	watch(lookout->line);
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
cancel_watch(Lookout *lookout)
{
	if (lookout->is_cancelled)
		return;
	lookout->is_cancelled = true;
	pool_cancel(POOL_WAIT, &lookout->job);
}

static void
watch_in(Lookout *lookout)
{
	Arena *before;

	if (lookout->arena != NULL || lookout->line->oldest == NULL || lookout->claims > 0 ||
		loop_now() < lookout->not_before)
		return;
	lookout->arena = arena_new();
	before = arena_use(lookout->arena);
	lookout->activities = wanted_activities(lookout->line);
	lookout->job = (Job){.arena = lookout->arena,
						 .database = (int) (lookout - lookouts),
						 .statement = STATEMENT_WAIT,
						 .parameters = {array_text(lookout->activities)},
						 .done = told,
						 .owner = lookout};
	pool_ask(POOL_WAIT, &lookout->job);
	arena_use(before);
}

static void
watch(Line *line)
{
	int databases[MAX_DATABASES];
	int count = line->oldest != NULL ? databases_of(line, databases) : 0;

	for (int i = 0; i < count; i++)
	{
		lookouts[databases[i]].line = line;
		watch_in(&lookouts[databases[i]]);
	}
}

/* ---- requests ---- */

/* One shard says whether there is such an activity, for this role; whether another has a task those who watch there find out. */
static int
first_look(const Request *request)
{
	static unsigned int next;
	int databases[MAX_DATABASES];
	int count = databases_of(line_of(request), databases);

	return databases[next++ % count];
}

void
poll_request(Request *request)
{
	JvParseError error;
	const JsonVal *body = jv_parse(request->body, (int) request->body_length, &error);
	const char *activity = jv_get_string(body, "activityArn");

	request->activity = activity != NULL ? activity : "";
	request->waits_until = request->began + settings.activity_wait * SECOND;
	call_poll(request, first_look(request), looked);
}

/* When one that rests is to watch again, at the latest next. */
static int64
next_watch(const Line *line, int64 now, int64 next)
{
	int databases[MAX_DATABASES];
	int count = databases_of(line, databases);

	for (int i = 0; i < count; i++)
	{
		const Lookout *lookout = &lookouts[databases[i]];

		if (lookout->arena == NULL && lookout->not_before > now)
			next = Min(next, lookout->not_before);
	}
	return next;
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
	watch(line);
	return line->oldest != NULL ? next_watch(line, now, next) : next;
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
