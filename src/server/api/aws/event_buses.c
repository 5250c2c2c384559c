/*
 * event_buses.c
 *	  EventBridge's actions on event buses.
 *
 * Members of a bus that there is nothing for here (keys, logs, a queue for dead letters)
 * are accepted and not kept.
 */
#include "postgres.h"

#include "actions/event_rules.h"
#include "actions/tags.h"
#include "api/answers.h"
#include "api/aws/actions.h"
#include "api/aws/requests.h"
#include "aws/arn.h"
#include "settings/guc.h"

#define BUS_MEMBERS "Description:s KmsKeyIdentifier:s DeadLetterConfig:o LogConfig:o"

static const JsonVal *
bus_object(const BusRow *bus)
{
	JvObjectBuilder object;

	jv_object_begin(&object);
	answer_text(&object, "Name", bus->name);
	answer_text(&object, "Arn", arn_of_bus(sfn_region, sfn_account_id, bus->name));
	answer_text(&object, "Description", bus->description);
	answer_moment(&object, "CreationTime", bus->creation_date);
	answer_moment(&object, "LastModifiedTime", bus->creation_date);
	return jv_object_end(&object);
}

static const JsonVal *
create_event_bus(ActionCall *call, const JsonVal *request)
{
	const char *name = request_string(request, "Name");
	const char *description = request_string(request, "Description");
	const JsonVal *tags = request_value(request, "Tags");
	const char *arn = arn_of_bus(sfn_region, sfn_account_id, name);
	JvObjectBuilder answer;

	if (!bus_create(call, name, description) || (tags != NULL && (tags = request_tags(call, tags)) == NULL) ||
		(tags != NULL && !resource_tag(call, arn, tags)))
		return NULL;
	jv_object_begin(&answer);
	answer_text(&answer, "EventBusArn", arn);
	answer_text(&answer, "Description", description);
	return jv_object_end(&answer);
}

static const JsonVal *
update_event_bus(ActionCall *call, const JsonVal *request)
{
	const char *name = request_string(request, "Name");
	const char *description = request_string(request, "Description");
	JvObjectBuilder answer;

	name = name != NULL ? name : DEFAULT_BUS;
	if (!bus_change(call, name, description))
		return NULL;
	jv_object_begin(&answer);
	answer_text(&answer, "Arn", arn_of_bus(sfn_region, sfn_account_id, name));
	answer_text(&answer, "Name", name);
	answer_text(&answer, "Description", description);
	return jv_object_end(&answer);
}

static const JsonVal *
describe_event_bus(ActionCall *call, const JsonVal *request)
{
	const char *name = request_string(request, "Name");
	BusRow *bus = bus_describe(call, name != NULL ? name : DEFAULT_BUS);

	return bus != NULL ? bus_object(bus) : NULL;
}

static const JsonVal *
delete_event_bus(ActionCall *call, const JsonVal *request)
{
	return bus_drop(call, request_string(request, "Name")) ? jv_empty_object() : NULL;
}

static const JsonVal *
list_event_buses(ActionCall *call, const JsonVal *request)
{
	NamePage page;
	BusRow *buses;
	JvArrayBuilder list;
	int count;

	if (!request_name_page(call, request, "Limit", 'b', &page))
		return NULL;
	count = buses_page(&page, &buses);
	jv_array_begin(&list);
	for (int i = 0; i < Min(count, page.limit - 1); i++)
		jv_array_add(&list, bus_object(&buses[i]));
	return answer_name_page("EventBuses", &list, 'b', count == page.limit ? buses[count - 2].name : NULL);
}

/* ---- the rows ---- */

const AwsAction aws_event_bus_actions[] = {
	{"CreateEventBus", "Name:s! EventSourceName:s Tags:a " BUS_MEMBERS, create_event_bus},
	{"DeleteEventBus", "Name:s!", delete_event_bus},
	{"DescribeEventBus", "Name:s", describe_event_bus},
	{"ListEventBuses", "NamePrefix:s NextToken:s Limit:i", list_event_buses},
	{"UpdateEventBus", "Name:s " BUS_MEMBERS, update_event_bus},
	{NULL},
};
