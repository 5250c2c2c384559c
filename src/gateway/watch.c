/*
 * watch.c
 *	  Requests of the page that wait until an execution changes.
 *
 * While one waits, the database is asked twice a second, as its role, how the execution
 * stands: its status and the number of its newest event.  Nothing in the database knows
 * of those who watch, so nobody pays when nobody does.
 */
#include "gateway/watch.h"

#include "gateway/calls.h"
#include "gateway/routes.h"
#include "json/json_value.h"

#define PAUSE (SECOND / 2)
#define LONGEST_WAIT (25 * SECOND)

typedef struct Watched
{
	Request *request;
	const char *mark; /* as the page has it */
	int64 next_look;
	int64 until;
	bool is_asking;
	bool is_gone; /* the client is */
	struct Watched *next;
} Watched;

static Watched *watched;

static void
forget(Watched *one)
{
	Watched **place = &watched;

	while (*place != one)
		place = &(*place)->next;
	*place = one->next;
}

static void
answer(Watched *one, const char *mark)
{
	JvObjectBuilder body;

	forget(one);
	jv_object_begin(&body);
	jv_object_add(&body, "mark", jv_string(mark));
	request_answer(one->request, 200, "application/json", jv_to_text(jv_object_end(&body)));
}

static void
hung_up(Watch *watch, uint32 events)
{
	Request *request = watch->owner;
	Watched *one = request->watched;

	(void) events;
	arena_use(request->arena);
	one->is_gone = true;
	if (one->is_asking)
		return;
	forget(one);
	request_abandon(request);
}

static void
looked(Request *request, const char *text)
{
	Watched *one = request->watched;
	JvParseError error;
	const JsonVal *value = text != NULL ? jv_parse(text, (int) strlen(text), &error) : NULL;
	const char *mark = jv_get_string(value, "mark");

	one->is_asking = false;
	one->next_look = loop_now() + PAUSE;
	if (text == NULL) /* it has been answered with an error */
		forget(one);
	else if (one->is_gone)
	{
		forget(one);
		request_abandon(request);
	}
	else if (mark != NULL && strcmp(mark, one->mark) != 0)
		answer(one, mark);
	else if (loop_now() >= one->until || routes_are_draining())
		answer(one, one->mark);
}

static void
look(Watched *one)
{
	Arena *before = arena_use(one->request->arena);

	one->is_asking = true;
	call_page(one->request, "watch", one->request->body, looked);
	arena_use(before);
}

void
watch_request(Request *request)
{
	JvParseError error;
	const JsonVal *body = jv_parse(request->body, (int) request->body_length, &error);
	const char *mark = jv_get_string(body, "mark");
	Watched *one;

	if (mark == NULL || jv_get_string(body, "execution") == NULL)
	{
		request_fail(request, 400, "ValidationException", "The body must be {execution, mark}");
		return;
	}
	one = palloc0(sizeof(Watched));
	one->request = request;
	one->mark = mark;
	one->until = loop_now() + LONGEST_WAIT;
	one->next = watched;
	watched = one;
	request->watched = one;
	request_watch_client(request, hung_up);
	look(one);
}

int
watch_tend(void)
{
	int64 now = loop_now();
	int64 next = now + SECOND;

	for (Watched *one = watched, *after; one != NULL; one = after)
	{
		after = one->next;
		if (!one->is_asking && one->next_look <= now)
			look(one);
		else if (!one->is_asking)
			next = Min(next, one->next_look);
	}
	return (int) ((next - now) / 1000) + 1;
}

void
watch_end(void)
{
	for (Watched *one = watched, *after; one != NULL; one = after)
	{
		after = one->next;
		if (one->is_asking)
			continue; /* looked() sees to it */
		arena_use(one->request->arena);
		answer(one, one->mark);
	}
}

int
watch_count(void)
{
	int count = 0;

	for (const Watched *one = watched; one != NULL; one = one->next)
		count++;
	return count;
}
