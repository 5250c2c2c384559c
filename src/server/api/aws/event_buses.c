/*
 * event_buses.c
 *	  EventBridge's actions on event buses.
 *
 * Members of a bus that there is nothing for here (keys, logs, a queue for dead letters)
 * are accepted and not kept.
 */
#include "postgres.h"

#include "actions/bus_permissions.h"
#include "actions/event_rules.h"
#include "actions/tags.h"
#include "api/answers.h"
#include "api/aws/actions.h"
#include "api/aws/requests.h"
#include "aws/arn.h"
#include "settings/guc.h"

#define BUS_MEMBERS "Description:s KmsKeyIdentifier:s DeadLetterConfig:o LogConfig:o"

static const JsonVal *
bus_object(const ActionCall *call, const BusRow *bus)
{
	JvObjectBuilder object;

	jv_object_begin(&object);
	answer_text(&object, "Name", bus->name);
	answer_text(&object, "Arn", arn_of_bus(sfn_region, sfn_account_id, bus->name));
	answer_text(&object, "Description", bus->description);
	answer_text(&object, "Policy", bus_policy(call, bus));
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

	return bus != NULL ? bus_object(call, bus) : NULL;
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
		jv_array_add(&list, bus_object(call, &buses[i]));
	return answer_name_page("EventBuses", &list, 'b', count == page.limit ? buses[count - 2].name : NULL);
}

/* ---- who may put events on it ---- */

/* The members of a statement, which a policy stands in place of. */
static SFN_MUST_CHECK bool
check_statement(ActionCall *call, const JsonVal *request)
{
	static const char *const members[] = {"StatementId", "Action", "Principal"};
	bool has_policy = request_string(request, "Policy") != NULL;

	for (size_t i = 0; i < lengthof(members); i++)
	{
		const char *value = request_string(request, members[i]);

		if ((value != NULL) == has_policy)
			return action_fail(call, API_VALIDATION,
							   psprintf("Parameter %s must %sbe specified%s.", members[i], has_policy ? "not " : "",
										has_policy ? " with Policy" : ""),
							   "");
	}
	if (request_value(request, "Condition") != NULL)
		return action_fail(call, API_VALIDATION, "Condition is not supported: there are no organizations.", "");
	return has_policy || strcmp(request_string(request, "Action"), "events:PutEvents") == 0 ||
		action_fail(call, API_VALIDATION, "Provided value in parameter 'action' is not supported.", "");
}

static const JsonVal *
put_permission(ActionCall *call, const JsonVal *request)
{
	const char *policy = request_string(request, "Policy");

	if (!check_statement(call, request))
		return NULL;
	return (policy != NULL ? bus_set_policy(call, request_bus(request), policy)
						   : bus_permit(call, request_bus(request), request_string(request, "StatementId"),
										request_string(request, "Principal")))
		? jv_empty_object()
		: NULL;
}

static const JsonVal *
remove_permission(ActionCall *call, const JsonVal *request)
{
	bool all = request_boolean(request, "RemoveAllPermissions", false);
	const char *id = request_string(request, "StatementId");

	if (!all && id == NULL)
		return action_fail_null(call, API_VALIDATION,
								"Parameter StatementId or RemoveAllPermissions must be specified.", "");
	return bus_forbid(call, request_bus(request), all ? NULL : id) ? jv_empty_object() : NULL;
}

/* ---- the rows ---- */

const AwsAction aws_event_bus_actions[] = {
	{"CreateEventBus", "Name:s! EventSourceName:s Tags:a " BUS_MEMBERS, create_event_bus},
	{"DeleteEventBus", "Name:s!", delete_event_bus},
	{"DescribeEventBus", "Name:s", describe_event_bus},
	{"ListEventBuses", "NamePrefix:s NextToken:s Limit:i", list_event_buses},
	{"PutPermission", "EventBusName:s Action:s Principal:s StatementId:s Condition:o Policy:s", put_permission},
	{"RemovePermission", "EventBusName:s StatementId:s RemoveAllPermissions:b", remove_permission},
	{"UpdateEventBus", "Name:s " BUS_MEMBERS, update_event_bus},
	{NULL},
};
