/*
 * own_apis.c
 *	  Tasks that call the APIs which this database speaks itself: Step Functions, and EventBridge for buses of its own.
 *
 * What a task does by them is done with the rights of the machine's role, in the transaction of the step.
 */
#include "postgres.h"

#include "actions/event_rules.h"
#include "actions/event_targets.h"
#include "aws/arn.h"
#include "base/error.h"
#include "services/aws/own_services.h"
#include "services/http/aws_keys.h"
#include "settings/arns.h"

static OwnApi own_api;

void
own_api_is(OwnApi api)
{
	own_api = api;
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

/* Are there credentials for AWS? */
static bool
has_key(const OwnCall *call)
{
	JvObjectBuilder out;
	AwsKeyPlan plan;
	SfnError ignored = {0};

	jv_object_begin(&out);
	jv_object_add(&out, "service", jv_string("eventbridge"));
	if (call->call->role_arn != NULL)
		jv_object_add(&out, "role_arn", jv_string(call->call->role_arn));
	return aws_key_plan(jv_object_end(&out), call->call->role, &plan, &ignored);
}

/* A bus that is registered here.  The default one is everywhere: AWS's, for whom there are credentials. */
static bool
is_own_bus(const OwnCall *call, const char *name)
{
	Arn arn;
	char *problem;
	BusRow *bus;

	if (arn_looks_like(name) && (!arn_parse(name, &arn, &problem) || !arn_is_ours(&arn)))
		return false;
	bus = bus_by_name(arn_looks_like(name) ? event_target_name(name) : name);
	return bus != NULL && (bus->id != DEFAULT_BUS_ID || !has_key(call));
}

bool
own_events_has(const OwnCall *call)
{
	const JsonVal *entries = own_parameter(call, "Entries");

	if (strcmp(call->action, "putEvents") != 0 || !jv_is(entries, JV_ARRAY))
		return false;
	for (int i = 0; i < entries->count; i++)
	{
		const char *bus = jv_get_string(entries->u.items[i], "EventBusName");

		if (!is_own_bus(call, bus != NULL ? bus : DEFAULT_BUS))
			return false;
	}
	return true;
}

/* ---- the answer ---- */

static void
print_failure(OwnCall *own, const ActionError *error)
{
	JvObjectBuilder answer;

	jv_object_begin(&answer);
	jv_object_add(&answer, "__type", jv_string(error->code));
	jv_object_add(&answer, "message", jv_string(error->aws_text));
	own->status = 400;
	jv_print(&own->body, jv_object_end(&answer));
}

static void
answer_by(OwnCall *own, const char *api)
{
	ActionCall call = {.style = ACTION_AWS, .action = own->action, .never_waits = true};
	char *action = pstrdup(own->action);
	JvParseError ignored;
	const JsonVal *request = jv_parse(own->request.body, own->request.body_length, &ignored);
	const JsonVal *value;

	action[0] = (char) pg_toupper((unsigned char) action[0]);
	store_enter(&call.scope);
	value = own_api(&call, api, action, request != NULL ? request : jv_empty_object());
	if (value == NULL)
		print_failure(own, &call.error);
	else
		jv_print(&own->body, value);
	store_leave(&call.scope);
}

bool
own_events_answer(OwnCall *call, SfnError *error)
{
	answer_by(call, "events");
	return true;
}

bool
own_states_answer(OwnCall *call, SfnError *error)
{
	answer_by(call, "states");
	return true;
}
