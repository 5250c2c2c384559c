/*
 * event_entries.c
 *	  PutEvents: several events, of which those that cannot be put are told in the answer.
 */
#include "postgres.h"

#include <math.h>

#include "actions/event_rules.h"
#include "api/answers.h"
#include "api/event_entries.h"
#include "base/timestamps.h"
#include "settings/clock.h"

#define MAX_ENTRIES 1000
#define DATE_LENGTH 10 /* 2026-01-01 */

static const char *
member(const JsonVal *entry, const char *name, const char *otherwise)
{
	const char *text = jv_get_string(entry, name);

	return text != NULL ? text : otherwise;
}

/* RFC 3339; without a zone it is UTC. */
static bool
read_date(const char *text, TimestampTz *time)
{
	char *upper = pstrdup(text);

	for (char *c = upper; *c != '\0'; c++)
	{
		if (*c == 't' || *c == 'z' || (*c == ' ' && c - upper == DATE_LENGTH))
			*c = *c == 'z' ? 'Z' : 'T';
	}
	return timestamp_parse(upper, (int) strlen(upper), time) ||
		timestamp_parse(psprintf("%sZ", upper), (int) strlen(upper) + 1, time);
}

/* Seconds since 1970, or a date; each also as SDKs understand it that send the other one. */
static SFN_MUST_CHECK bool
read_time(ActionCall *call, const JsonVal *entry, TimestampTz *time)
{
	const JsonVal *given = jv_get(entry, "Time");
	const char *text = jv_is(given, JV_STRING) ? given->u.text : NULL;
	JvParseError error;

	*time = sfn_now();
	if (given == NULL || given->type == JV_NULL || (text != NULL && read_date(text, time)))
		return true;
	if (text != NULL)
		given = jv_parse(text, (int) strlen(text), &error);
	if (!jv_is(given, JV_NUMBER))
		return action_fail(call, API_VALIDATION, "Time must be seconds since 1970 or a date as of RFC 3339", "");
	*time = moment_of_epoch_seconds(floor(strtod(jv_to_text(given), NULL)));
	return true;
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
					.resources = jv_is(resources, JV_ARRAY) ? resources : jv_empty_array()};

	return check_entry(call, entry) && read_time(call, entry, &put.time) && event_put(call, &put, id);
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
