/*
 * item_source.c
 *	  From an ItemReader to its items.
 *
 * All of a source is read within one sandbox, as the machine's role, so that a stop
 * cancels it, its time is bounded, and a failure takes back what the sink has stored.
 */
#include "postgres.h"

#include "utils/memutils.h"
#include "utils/syscache.h"

#include "asl/service.h"
#include "base/error.h"
#include "services/items/item_source_kinds.h"
#include "services/sandbox.h"

static const ItemSourceRead reads[SERVICE_COUNT] = {
#define ITEM_SOURCE(name, resource, required) [ITEM_SOURCE_##name] = item_source_##name,
#include "asl/service_list.h"
};

/* ---- reading ---- */

/* A failure is thrown, which takes back what the sink has stored; *reading->error says what it was. */
static void
read_in_sandbox(void *arg)
{
	ItemReading *reading = arg;

	reading->has_failed = !reading->read(reading);
	if (reading->has_failed)
		ereport(ERROR, (errcode(MAKE_SQLSTATE('S', 'F', '0', '0', '0')), errmsg("the items cannot be read")));
}

/* What the sandbox says, as an error; always false. */
static bool
fail_of_sandbox(SandboxOutcome outcome, const ErrorData *problem, SfnError *error)
{
	switch (outcome)
	{
		case SANDBOX_FAILED:
			return sfn_error(error, ERROR_ITEM_READER_FAILED, "%s (SQLSTATE %s)", problem->message,
							 unpack_sql_state(problem->sqlerrcode));
		case SANDBOX_TIMED_OUT:
			(void) sfn_error(error, ERROR_TIMEOUT, "%s", "");
			error->cause = NULL;
			return false;
		default: /* cancelled */
			memset(error, 0, sizeof(SfnError));
			return false;
	}
}

bool
item_source_read(const ItemSource *source, ItemSourceSink sink, void *arg, SfnError *error)
{
	ItemReading reading = {.source = source, .sink = sink, .arg = arg, .error = error};
	Sandbox sandbox = {.role = source->role,
					   .is_alone = true,
					   .is_session = source->is_session,
					   .is_last_try = source->is_last_try,
					   .timeout_ms = source->timeout_ms,
					   .work = read_in_sandbox,
					   .arg = &reading};
	const ServiceRow *row;
	ErrorData *problem;
	SandboxOutcome outcome;

	memset(error, 0, sizeof(SfnError));
	row = service_find_for_map(source->resource, READ_BY_MAP);
	if (row == NULL)
		return sfn_error(error, ERROR_ITEM_READER_FAILED, "The resource \"%s\" of ItemReader is not known.",
						 source->resource);
	if (!SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(source->role)))
		return sfn_error(error, ERROR_PERMISSIONS, "The role of the state machine does not exist any more.");

	reading.read = reads[row->id];
	reading.caller_context = CurrentMemoryContext;
	reading.item_context = AllocSetContextCreate(CurrentMemoryContext, "sfn item", ALLOCSET_DEFAULT_SIZES);
	outcome = sandbox_run(&sandbox, &problem);
	MemoryContextDelete(reading.item_context);
	if (reading.has_failed)
		return false;
	return outcome == SANDBOX_DONE || fail_of_sandbox(outcome, problem, error);
}

/* ---- for the kinds ---- */

const char *
item_source_string(ItemReading *reading, const char *name)
{
	const char *value = jv_get_string(reading->source->parameters, name);

	if (value == NULL)
		(void) sfn_error(reading->error, ERROR_ITEM_READER_FAILED,
						 "The field '%s' of the parameters of ItemReader is required, as a string.", name);
	return value;
}

bool
item_source_has_enough(const ItemReading *reading)
{
	return reading->source->max_items > 0 && reading->count >= Min(reading->source->max_items, ITEMS_MAX_COUNT);
}

bool
item_source_emit(ItemReading *reading, const JsonVal *item, const char *key, const char *source_name)
{
	MemoryContext context = MemoryContextSwitchTo(reading->caller_context);
	bool is_taken;

	reading->count++;
	is_taken = reading->sink(reading->arg, item, key, source_name, reading->error);
	MemoryContextSwitchTo(context);
	MemoryContextReset(reading->item_context);
	return is_taken;
}

/* ---- text ---- */

static bool
take_item(void *arg, const JsonVal *item, const char *key, SfnError *error)
{
	ItemFeed *feed = arg;

	return item_source_emit(feed->reading, item, key, feed->source_name);
}

bool
item_feed_begin(ItemFeed *feed, ItemReading *reading, const JsonVal *reader_config, const char *source_name)
{
	int64 max_items = reading->source->max_items;

	feed->reading = reading;
	feed->source_name = source_name;
	if (!item_reader_config(reader_config, max_items, &feed->config, reading->error))
		return false;
	if (feed->config.max_items > 0)
		feed->config.max_items -= reading->count;
	feed->reader = item_reader_begin(&feed->config, take_item, feed);
	return true;
}

/* The error may stand in the items' context, which is reset. */
static bool
finish_feeding(ItemFeed *feed, bool is_good, MemoryContext context)
{
	SfnError *error = feed->reading->error;

	MemoryContextSwitchTo(feed->reading->caller_context);
	if (!is_good && error->cause != NULL)
		error->cause = pstrdup(error->cause);
	MemoryContextSwitchTo(context);
	MemoryContextReset(feed->reading->item_context);
	return is_good;
}

bool
item_feed_data(void *arg, const char *data, Size length, SfnError *error)
{
	ItemFeed *feed = arg;
	MemoryContext context = MemoryContextSwitchTo(feed->reading->item_context);
	bool is_good = item_reader_feed(feed->reader, data, length, feed->reading->error);

	return finish_feeding(feed, is_good, context) && !item_reader_is_done(feed->reader);
}

bool
item_feed_end(ItemFeed *feed)
{
	MemoryContext context = MemoryContextSwitchTo(feed->reading->item_context);

	return finish_feeding(feed, item_reader_end(feed->reader, feed->reading->error), context);
}

bool
item_source_text(ItemReading *reading)
{
	const char *text = item_source_string(reading, "Text");
	ItemFeed feed;

	if (text == NULL || !item_feed_begin(&feed, reading, reading->source->reader_config, "TEXT"))
		return false;
	return (item_feed_data(&feed, text, strlen(text), reading->error) || reading->error->name == NULL) &&
		item_feed_end(&feed);
}
