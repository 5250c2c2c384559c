/*
 * event_puts.c
 *	  Putting an event on a bus.
 */
#include "postgres.h"

#include "utils/acl.h"

#include "actions/checks.h"
#include "actions/event_delivery.h"
#include "actions/event_rules.h"
#include "actions/event_targets.h"
#include "actions/lineage.h"
#include "aws/arn.h"
#include "base/timestamps.h"
#include "settings/arns.h"
#include "settings/guc.h"
#include "settings/random_uuid.h"

#define MAX_SOURCE 256
#define MAX_DETAIL_TYPE 128
#define MAX_EVENT (256 * 1024)
#define FIRST_TIME (-INT64CONST(730119) * USECS_PER_DAY)  /* the year 1 begins: RFC 3339 has no years before it ... */
#define END_OF_TIME (INT64CONST(2921940) * USECS_PER_DAY) /* ... nor the year 10000 */

/* What the engine itself tells, and AWS. */
bool
event_source_is_reserved(const char *source)
{
	return strncmp(source, "aws.", 4) == 0 || strncmp(source, "sfn.", 4) == 0 || strcmp(source, "sfn") == 0;
}

static SFN_MUST_CHECK bool
check_event(ActionCall *call, const PutEvent *put)
{
	if (!check_length(call, put->source, "source", "source", 1, MAX_SOURCE) ||
		!check_length(call, put->detail_type, "detailType", "detail_type", 1, MAX_DETAIL_TYPE))
		return false;
	if (put->time < FIRST_TIME || put->time >= END_OF_TIME)
		return action_fail(call, API_VALIDATION, "Time must be a moment of the years 1 to 9999",
						   "time must be a moment of the years 1 to 9999");
	if (!jv_is(put->detail, JV_OBJECT))
		return action_fail(call, API_MALFORMED_DETAIL, "");
	for (int i = 0; i < put->resources->count; i++)
	{
		if (put->resources->u.items[i]->type != JV_STRING)
			return action_fail(call, API_VALIDATION, "Resources must be strings", "resources must not be null");
	}
	return true;
}

static void
add_text(JvObjectBuilder *object, const char *name, const char *text)
{
	jv_object_add(object, name, jv_string(text));
}

const JsonVal *
event_made(const PutEvent *put, const char *id)
{
	JvObjectBuilder event;
	StringInfoData time;

	initStringInfo(&time);
	/* the second that it is within, also before 2000 */
	timestamp_print(&time, put->time - (put->time % USECS_PER_SEC + USECS_PER_SEC) % USECS_PER_SEC);
	jv_object_begin(&event);
	add_text(&event, "version", "0");
	add_text(&event, "id", id);
	add_text(&event, "detail-type", put->detail_type);
	add_text(&event, "source", put->source);
	add_text(&event, "account", sfn_account_id);
	add_text(&event, "time", time.data);
	add_text(&event, "region", sfn_region);
	jv_object_add(&event, "resources", put->resources);
	jv_object_add(&event, "detail", put->detail);
	return jv_object_end(&event);
}

BusRow *
bus_of_entry(const JsonVal *entry)
{
	const char *given = jv_get_string(entry, "EventBusName");
	const char *name = given != NULL ? given : DEFAULT_BUS;
	const char *short_name = arn_looks_like(name) ? event_target_name(name) : name;

	if (short_name != name && strcmp(name, arn_of_bus(sfn_region, sfn_account_id, short_name)) != 0)
		return NULL;
	return bus_find(short_name);
}

bool
event_put(ActionCall *call, const PutEvent *put, char **id)
{
	const char *name = arn_looks_like(put->bus) ? event_target_name(put->bus) : put->bus;
	BusRow *bus = bus_find(name);
	SentEvent sent = {.lineage = lineage_now(), .putter = call->scope.caller};
	SfnError distrust;

	if (!check_event(call, put))
		return false;
	if (bus == NULL)
		return action_fail(call, API_EVENT_BUS_DOES_NOT_EXIST, name);
	if (!bus_may_put(bus, call->scope.caller, BUS_PUT))
		return action_fail(call, API_PERMISSION_DENIED, psprintf("permission denied for event bus \"%s\"", name),
						   "sfn.grant_bus() of its owner gives the privilege put.");
	if (call->is_unattended && !bus_is_trusted(bus, call->scope.caller, &distrust))
		return action_fail(call, API_PERMISSION_DENIED, distrust.cause, "");
	if (event_source_is_reserved(put->source) && !bus_may_put(bus, call->scope.caller, BUS_PUT_AWS))
		return action_fail(call, API_EVENT_SOURCE_RESERVED, put->source);
	*id = random_uuid();
	sent.bus_id = bus->id;
	sent.event = event_made(put, *id);
	if (jv_text_size(sent.event, MAX_EVENT) > MAX_EVENT)
		return action_fail(call, API_VALIDATION, "Total size of the entries in the request is over the limit.",
						   psprintf("the event is longer than %d bytes", MAX_EVENT));
	event_send(&sent);
	return true;
}
