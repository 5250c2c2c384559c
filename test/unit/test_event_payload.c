/*
 * test_event_payload.c
 *	  Payloads of events: what is printed is read back, and what is none of ours is refused.
 */
#include "unit/unit.h"

#include "engine/event_payload.h"

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
same_value(const JsonVal *a, const JsonVal *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(jv_to_text(a), jv_to_text(b)) == 0;
}

static bool
survives(const Event *event)
{
	Event read = {.kind = event->kind, .value = jv_null(), .error = "left over", .schedule_failed = true};

	return event_payload_read(event_payload_print(event), &read) && same_value(event->value, read.value) &&
		same_text(event->error, read.error) && same_text(event->cause, read.cause) &&
		same_text(event->text, read.text) && event->schedule_failed == read.schedule_failed &&
		event->retry_after == read.retry_after && event->kind == read.kind;
}

/* ---- round trips ---- */

static void
test_kinds(void)
{
	for (int kind = EVENT_START; kind <= EVENT_MAP_RUN; kind++)
	{
		Event bare = {.kind = (EventKind) kind};
		Event full = {.kind = (EventKind) kind,
					  .value = unit_json("{'b':[1.50,'x'],'a':null}"),
					  .error = "A.Error",
					  .cause = "the \"cause\"\n\\ of \t it",
					  .text = "worker \xc3\xa9",
					  .schedule_failed = true,
					  .retry_after = PG_INT64_MAX};

		unit_check(survives(&bare), "event %d without anything", kind);
		unit_check(survives(&full), "event %d with everything", kind);
	}
}

/* In a row of another kind an event has its own. */
static void
test_put_off(void)
{
	for (int kind = EVENT_START; kind <= EVENT_MAP_RUN; kind++)
	{
		Event event = {.kind = (EventKind) kind, .timer = TIMER_RETRY, .error = "E"};
		Event read = {.kind = EVENT_RUN_TASK_ALONE};

		OK(event_payload_read(event_payload_print_put_off(&event), &read));
		unit_check(read.kind == event.kind && read.timer == TIMER_RETRY && same_text(read.error, "E"),
				   "event %d put off", kind);
		OK(event_payload_read(event_payload_print(&event), &read) && read.kind == event.kind);
	}
	unit_text(event_payload_print_put_off(&(Event){.kind = EVENT_CONTINUE}), "{\"kind\":2,\"timer\":0}",
			  "nothing but which event it is");
}

/* One member alone; values that look like nothing are values. */
static void
test_members(void)
{
	const Event events[] = {
		{.value = jv_null()},
		{.value = jv_bool(false)},
		{.value = unit_json("''")},
		{.value = unit_json("1e400")},
		{.error = ""},
		{.cause = ""},
		{.text = "{\"value\":1}"},
		{.schedule_failed = true},
		{.retry_after = 1},
	};

	for (int i = 0; i < (int) lengthof(events); i++)
		unit_check(survives(&events[i]), "member %d alone: %s", i, event_payload_print(&events[i]));
	unit_text(event_payload_print(&(Event){.kind = EVENT_STOP}), "{}", "nothing to tell");
	unit_text(event_payload_print(&(Event){.error = "E", .cause = "c"}), "{\"error\":\"E\",\"cause\":\"c\"}",
			  "a failure");
}

/* A value as deep as users may send one stands one level deeper in the payload. */
static void
test_depth(void)
{
	StringInfoData text;
	JvParseError error;
	Event event = {.kind = EVENT_TASK_SUCCEEDED};

	initStringInfo(&text);
	for (int i = 0; i < SFN_MAX_DEPTH; i++)
		appendStringInfoChar(&text, '[');
	for (int i = 0; i < SFN_MAX_DEPTH; i++)
		appendStringInfoChar(&text, ']');
	event.value = jv_parse(text.data, text.len, &error);
	OK(event.value != NULL);
	OK(survives(&event));
}

static void
test_work(void)
{
	PutOffWork task = {.parameters = jv_null(), .role = "r", .timeout_seconds = 99999999, .heartbeat_seconds = 1};
	PutOffWork plan = {.plan = unit_json("{'items':[1,2],'name':'n'}")};
	PutOffWork none = {0};
	PutOffWork read;

	OK(put_off_work_read(put_off_work_value(&task), &read));
	OK(same_value(read.parameters, task.parameters) && read.plan == NULL);
	OK(read.timeout_seconds == 99999999 && read.heartbeat_seconds == 1 && strcmp(read.role, "r") == 0);
	OK(put_off_work_read(put_off_work_value(&plan), &read));
	OK(same_value(read.plan, plan.plan) && read.parameters == NULL && read.timeout_seconds == 0);
	OK(put_off_work_read(put_off_work_value(&none), &read));
	OK(read.plan == NULL && read.parameters == NULL);
}

static bool
same_limits(const MapRunLimits *a, const MapRunLimits *b)
{
	return a->has_concurrency == b->has_concurrency && a->has_count == b->has_count &&
		a->has_percentage == b->has_percentage && a->concurrency == b->concurrency && a->count == b->count &&
		a->percentage == b->percentage;
}

static bool
same_change(const MapRunChange *a, const MapRunChange *b)
{
	return a->status == b->status && a->children == b->children && a->items == b->items;
}

static void
test_map_news(void)
{
	const MapRunChange changes[] = {{3, -1, -10}, {2, 40, PG_INT64_MAX}};
	MapRunNews news[] = {
		{.map_run_id = 1},
		{.map_run_id = PG_INT64_MAX, .changes = changes, .change_count = lengthof(changes)},
		{.map_run_id = 2, .limits = {.has_count = true, .has_percentage = true, .percentage = 100.0 / 3}},
		{.map_run_id = 2, .limits = {.has_concurrency = true, .concurrency = 10000}},
		{.map_run_id = 3, .is_redrive = true},
	};

	for (int i = 0; i < (int) lengthof(news); i++)
	{
		Event event = {.kind = EVENT_MAP_RUN};
		MapRunNews read;

		OK(event_payload_read(map_run_news_print(&news[i]), &event));
		OK(map_run_news_read(event.value, &read));
		OK(read.map_run_id == news[i].map_run_id && read.change_count == news[i].change_count);
		for (int k = 0; k < read.change_count; k++)
			OK(same_change(&read.changes[k], &changes[k]));
		OK(same_limits(&read.limits, &news[i].limits));
	}
	unit_text(map_run_news_print(&news[0]), "{\"value\":{\"mapRun\":1}}", "news that carry nothing");
}

/* ---- texts of others ---- */

static void
test_no_payload(void)
{
	static const char *const texts[] = {
		"",
		"null",
		"[]",
		"1",
		"\"{}\"",
		"{",
		"{\"value\":}",
		"{}{}",
		"{\"error\":1}",
		"{\"cause\":{}}",
		"{\"text\":null}",
		"{\"scheduleFailed\":\"true\"}",
		"{\"scheduleFailed\":null}",
		"{\"retryAfter\":\"1\"}",
		"{\"retryAfter\":1.5}",
		"{\"retryAfter\":9223372036854775808}",
		"{\"error\":\"\\u0000\"}",
		"{\"kind\":0}",
		"{\"kind\":16}",
		"{\"kind\":\"2\"}",
		"{\"kind\":4294967298}",
		"{\"timer\":-1}",
		"{\"timer\":6}",
	};
	Event event;

	for (int i = 0; i < (int) lengthof(texts); i++)
		unit_check(!event_payload_read(texts[i], &event), "is no payload: %s", texts[i]);
	OK(event_payload_read(NULL, &event) && event.value == NULL);
	OK(event_payload_read(" {\"later\":1} ", &event) && event.value == NULL);
	OK(event_payload_read("{\"error\":\"a\",\"error\":\"b\"}", &event) && same_text(event.error, "b"));
}

static void
test_no_work(void)
{
	static const char *const texts[] = {
		"null", "[]", "'x'", "{'plan':null}", "{'plan':[]}", "{'timeoutSeconds':'1'}", "{'heartbeatSeconds':1e3}",
	};
	PutOffWork work;

	for (int i = 0; i < (int) lengthof(texts); i++)
		unit_check(!put_off_work_read(unit_json(texts[i]), &work), "is no work: %s", texts[i]);
	OK(!put_off_work_read(NULL, &work));
}

static void
test_no_map_news(void)
{
	static const char *const texts[] = {
		"null",
		"[1]",
		"{}",
		"{'mapRun':'1'}",
		"{'mapRun':1.0}",
		"{'mapRun':1,'changes':{}}",
		"{'mapRun':1,'changes':[1]}",
		"{'mapRun':1,'changes':[[2,1]]}",
		"{'mapRun':1,'changes':[[2,1,1,1]]}",
		"{'mapRun':1,'changes':[[-1,1,1]]}",
		"{'mapRun':1,'changes':[[4294967298,1,1]]}",
		"{'mapRun':1,'changes':[[2,1,1],[2,'1',1]]}",
		"{'mapRun':1,'limits':1}",
		"{'mapRun':1,'limits':{'maxConcurrency':null}}",
		"{'mapRun':1,'limits':{'toleratedFailureCount':1.5}}",
		"{'mapRun':1,'limits':{'toleratedFailurePercentage':'1'}}",
		"{'mapRun':1,'redrive':1}",
	};
	MapRunNews news;

	for (int i = 0; i < (int) lengthof(texts); i++)
		unit_check(!map_run_news_read(unit_json(texts[i]), &news), "is no news: %s", texts[i]);
	OK(!map_run_news_read(NULL, &news));
}

int
main(void)
{
	test_kinds();
	test_put_off();
	test_members();
	test_depth();
	test_work();
	test_map_news();
	test_no_payload();
	test_no_work();
	test_no_map_news();
	unit_reset_memory();
	return unit_done();
}
