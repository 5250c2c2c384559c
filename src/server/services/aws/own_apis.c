/*
 * own_apis.c
 *	  Tasks that call the APIs which this database speaks itself: Step Functions, and EventBridge for buses of its own.
 *
 * What a task does by them is done with the rights of the machine's role, in the transaction of the step.  Whoever puts
 * events on a bus hands its owner what the machine knows, so the owner has to be trusted.
 */
#include "postgres.h"

#include "actions/event_delivery.h"
#include "actions/event_rules.h"
#include "aws/arn.h"
#include "base/error.h"
#include "services/aws/own_services.h"
#include "services/http/aws_keys.h"
#include "settings/arns.h"
#include "settings/guc.h"

static OwnApi own_api;

void
own_api_is(OwnApi api)
{
	own_api = api;
}

const JsonVal *
own_api_answer(ActionCall *call, const char *api, const char *action, const JsonVal *request)
{
	return own_api(call, api, action, request);
}

/* ---- whose it is ---- */

static bool
is_elsewhere(const JsonVal *value)
{
	Arn arn;
	char *problem;

	return jv_is(value, JV_STRING) && arn_parse(value->u.text, &arn, &problem) && strcmp(arn.service, "states") == 0 &&
		!arn_is_ours(&arn);
}

/* All that names no other account and no other region. */
bool
own_states_has(const OwnCall *call)
{
	const JsonVal *parameters = call->parameters;

	for (int i = 0; jv_is(parameters, JV_OBJECT) && i < parameters->count; i++)
	{
		if (is_elsewhere(parameters->u.members[i].value))
			return false;
	}
	return true;
}

/* The default one is everywhere: AWS's, for whom there are credentials. */
static bool
is_own_bus(const OwnCall *call, const BusRow *bus)
{
	return bus != NULL && (bus->id != DEFAULT_BUS_ID || !aws_has_key(call->call->role_arn, call->call->role));
}

bool
own_events_has(const OwnCall *call)
{
	const JsonVal *entries = own_parameter(call, "Entries");

	if (strcmp(call->action, "putEvents") != 0 || !jv_is(entries, JV_ARRAY))
		return false;
	for (int i = 0; i < entries->count; i++)
	{
		if (!is_own_bus(call, bus_of_entry(entries->u.items[i])))
			return false;
	}
	return true;
}

/* ---- the answer ---- */

static bool
answer_by(OwnCall *own, ActionCall *call, const char *api)
{
	const JsonVal *value = own_api(call, api, own_action_name(own), own_json_request(own));

	if (value == NULL)
		own_json_failure(own, call->error.code, call->error.aws_text);
	else
		jv_print(&own->body, value);
	return true;
}

static bool
answer_events(OwnCall *own, ActionCall *call, SfnError *error)
{
	const JsonVal *entries = own_parameter(own, "Entries");

	for (int i = 0; i < entries->count; i++)
	{
		BusRow *bus = bus_of_entry(entries->u.items[i]);

		if (bus != NULL && !bus_is_trusted(bus, call->scope.caller, error))
			return false;
	}
	return answer_by(own, call, "events");
}

static bool
answer_states(OwnCall *own, ActionCall *call, SfnError *error)
{
	return answer_by(own, call, "states");
}

bool
own_events_answer(OwnCall *call, SfnError *error)
{
	return own_answer_by_actions(call, answer_events, error);
}

bool
own_states_answer(OwnCall *call, SfnError *error)
{
	return own_answer_by_actions(call, answer_states, error);
}
