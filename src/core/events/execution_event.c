/*
 * execution_event.c
 *	  "Step Functions Execution Status Change": the event that tells how an execution stands.
 *
 * Shape and order are AWS's; what is not there is null.
 */
#include "base/port.h"

#include "base/hashes.h"
#include "base/timestamps.h"

#include "events/execution_event.h"

/* The namespace of names that are URLs, of RFC 4122. */
#define URL_NAMESPACE "\x6b\xa7\xb8\x11\x9d\xad\x11\xd1\x80\xb4\x00\xc0\x4f\xd4\x30\xc8"
#define NAMESPACE_BYTES 16

#define UNIX_MICROSECONDS ((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY * USECS_PER_SEC)

/*
 * A UUID of version 5, made of what changed: within a redrive each status comes once, so the same change has the same
 * one wherever and whenever it is told.
 */
static char *
event_id(const ExecutionEventFacts *facts)
{
	StringInfoData name;
	char *hex;

	initStringInfo(&name);
	appendBinaryStringInfo(&name, URL_NAMESPACE, NAMESPACE_BYTES);
	appendStringInfo(&name, "%s/" INT64_FORMAT "/%d/%s", facts->execution_arn, facts->execution_id,
					 facts->redrive_count, facts->status);
	hex = hash_hex("SHA-1", name.data, name.len);
	hex[12] = '5';
	hex[16] = "89ab"[(hex[16] >= 'a' ? hex[16] - 'a' + 10 : hex[16] - '0') & 3];
	return psprintf("%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

/* Whole seconds, as AWS writes it. */
static char *
time_of(TimestampTz moment)
{
	StringInfoData out;
	int64 fraction = moment % USECS_PER_SEC;

	initStringInfo(&out);
	timestamp_print(&out, moment - (fraction < 0 ? fraction + USECS_PER_SEC : fraction));
	return out.data;
}

static void
add_text(JvObjectBuilder *object, const char *name, const char *text)
{
	jv_object_add(object, name, text != NULL ? jv_string(text) : jv_null());
}

/* Milliseconds since 1970. */
static void
add_date(JvObjectBuilder *object, const char *name, TimestampTz moment)
{
	jv_object_add(object, name, moment != 0 ? jv_int((moment + UNIX_MICROSECONDS) / 1000) : jv_null());
}

/* {"included": true}, or null where there is nothing to include. */
static void
add_details(JvObjectBuilder *object, const char *name, const char *text, bool is_included)
{
	JvObjectBuilder details;

	if (text == NULL)
	{
		jv_object_add(object, name, jv_null());
		return;
	}
	jv_object_begin(&details);
	jv_object_add(&details, "included", jv_bool(is_included));
	jv_object_add(object, name, jv_object_end(&details));
}

/* Bytes of the text as it stands in the event. */
static int64
size_of(const char *text)
{
	return text != NULL ? jv_text_size(jv_string(text), EXECUTION_EVENT_MAX_DATA) : 0;
}

/* The input goes first when both are too long together. */
static void
choose_data(const ExecutionEventFacts *facts, bool *input, bool *output)
{
	int64 input_size = size_of(facts->input);
	int64 output_size = size_of(facts->output);

	*input = facts->shows_data && input_size + output_size <= EXECUTION_EVENT_MAX_DATA;
	*output = facts->shows_data && output_size <= EXECUTION_EVENT_MAX_DATA;
}

static const JsonVal *
detail_of(const ExecutionEventFacts *facts)
{
	JvObjectBuilder detail;
	bool has_input;
	bool has_output;

	choose_data(facts, &has_input, &has_output);
	jv_object_begin(&detail);
	add_text(&detail, "executionArn", facts->execution_arn);
	add_text(&detail, "stateMachineArn", facts->machine_arn);
	add_text(&detail, "name", facts->name);
	add_text(&detail, "status", facts->status);
	add_date(&detail, "startDate", facts->start_date);
	add_date(&detail, "stopDate", facts->stop_date);
	add_text(&detail, "input", has_input ? facts->input : NULL);
	add_text(&detail, "output", has_output ? facts->output : NULL);
	add_text(&detail, "stateMachineVersionArn", facts->version_arn);
	add_text(&detail, "stateMachineAliasArn", facts->alias_arn);
	jv_object_add(&detail, "redriveCount", jv_int(facts->redrive_count));
	add_date(&detail, "redriveDate", facts->redrive_date);
	add_text(&detail, "redriveStatus", facts->redrive_status);
	add_text(&detail, "redriveStatusReason", facts->redrive_status_reason);
	add_details(&detail, "inputDetails", facts->input, has_input);
	add_details(&detail, "outputDetails", facts->output, has_output);
	add_text(&detail, "error", facts->error);
	add_text(&detail, "cause", facts->cause);
	return jv_object_end(&detail);
}

const JsonVal *
execution_event(const ExecutionEventFacts *facts)
{
	JvObjectBuilder event;
	const JsonVal *resource = jv_string(facts->execution_arn);
	TimestampTz begun = Max(facts->start_date, facts->redrive_date);

	jv_object_begin(&event);
	add_text(&event, "version", "0");
	add_text(&event, "id", event_id(facts));
	add_text(&event, "detail-type", EXECUTION_EVENT_TYPE);
	add_text(&event, "source", EXECUTION_EVENT_SOURCE(facts->is_express));
	add_text(&event, "account", facts->account);
	add_text(&event, "time", time_of(facts->stop_date != 0 ? facts->stop_date : begun));
	add_text(&event, "region", facts->region);
	jv_object_add(&event, "resources", jv_array(&resource, 1));
	jv_object_add(&event, "detail", detail_of(facts));
	return jv_object_end(&event);
}
