/*
 * event_entries.c
 *	  PutEvents: several events, of which those that cannot be put are told in the answer.
 */
#include "postgres.h"

#include "actions/event_rules.h"
#include "api/answers.h"
#include "api/event_entries.h"
#include "settings/clock.h"

#define MAX_ENTRIES 1000

static const char *
member(const JsonVal *entry, const char *name, const char *otherwise)
{
	const char *text = jv_get_string(entry, name);

	return text != NULL ? text : otherwise;
}

/* Seconds since 1970. */
static TimestampTz
time_of(const JsonVal *entry)
{
	const JsonVal *time = jv_get(entry, "Time");

	return jv_is(time, JV_NUMBER) ? moment_of_epoch_seconds(strtod(jv_to_text(time), NULL)) : sfn_now();
}

/* In AWS's order and words. */
static SFN_MUST_CHECK bool
check_entry(ActionCall *call, const JsonVal *entry)
{
	static const char *const needed[] = {"Source", "DetailType", "Detail"};

	for (size_t i = 0; i < lengthof(needed); i++)
	{
		if (member(entry, needed[i], "")[0] == '\0')
			return action_fail(call, API_INVALID_EVENT_ENTRY, needed[i]);
	}
	return true;
}

static SFN_MUST_CHECK bool
put_entry(ActionCall *call, const JsonVal *entry, char **id)
{
	const char *detail = member(entry, "Detail", "");
	const JsonVal *resources = jv_get(entry, "Resources");
	JvParseError error;
	PutEvent put = {.bus = member(entry, "EventBusName", DEFAULT_BUS),
					.source = member(entry, "Source", ""),
					.detail_type = member(entry, "DetailType", ""),
					.detail = jv_parse(detail, (int) strlen(detail), &error),
					.resources = jv_is(resources, JV_ARRAY) ? resources : jv_empty_array(),
					.time = time_of(entry)};

	return check_entry(call, entry) && event_put(call, &put, id);
}

const JsonVal *
put_event_entries(ActionCall *call, const JsonVal *entries)
{
	JvArrayBuilder results;
	JvObjectBuilder answer;
	int64 failed = 0;

	if (!jv_is(entries, JV_ARRAY) || entries->count < 1 || entries->count > MAX_ENTRIES)
		return action_fail_null(call, API_VALIDATION, "Entries must be an array of events",
								psprintf("entries must be an array of 1 to %d events", MAX_ENTRIES));
	jv_array_begin(&results);
	for (int i = 0; i < entries->count; i++)
	{
		JvObjectBuilder result;
		char *id;
		bool is_put = put_entry(call, entries->u.items[i], &id);

		failed += !is_put;
		jv_object_begin(&result);
		answer_text(&result, "EventId", is_put ? id : NULL);
		answer_text(&result, "ErrorCode", is_put ? NULL : call->error.code);
		answer_text(&result, "ErrorMessage", is_put ? NULL : call->error.aws_text);
		jv_array_add(&results, jv_object_end(&result));
	}
	jv_object_begin(&answer);
	jv_object_add(&answer, "FailedEntryCount", jv_int(failed));
	jv_object_add(&answer, "Entries", jv_array_end(&results));
	return jv_object_end(&answer);
}
