/*
 * event_rules.c
 *	  The SQL functions for buses, rules and targets, for putting events and waiting for them.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "actions/event_rule_cache.h"
#include "actions/event_rules.h"
#include "api/answers.h"
#include "api/arguments.h"
#include "api/event_entries.h"
#include "api/waiting.h"
#include "settings/compat.h"
#include "store/sql_version.h"

static Oid
role_argument(FunctionCallInfo fcinfo, int number)
{
	return PG_ARGISNULL(number) ? InvalidOid : PG_GETARG_OID(number);
}

static bool
flag_argument(FunctionCallInfo fcinfo, int number)
{
	return !PG_ARGISNULL(number) && PG_GETARG_BOOL(number);
}

/* ---- buses ---- */

SFN_FUNCTION(sfn_create_bus)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "CreateEventBus");
	api_check(&call, bus_create(&call, required_text(&call, fcinfo, 0, "name"), text_argument(fcinfo, 1)));
	api_leave(&call);
	PG_RETURN_VOID();
}

SFN_FUNCTION(sfn_drop_bus)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "DeleteEventBus");
	api_check(&call, bus_drop(&call, required_text(&call, fcinfo, 0, "name")));
	api_leave(&call);
	PG_RETURN_VOID();
}

static Datum
change_grant(FunctionCallInfo fcinfo, bool is_grant)
{
	ActionCall call;

	require_arguments(fcinfo);
	api_enter(&call, ACTION_SQL, "PutPermission");
	api_check(&call,
			  bus_change_grant(&call, text_argument(fcinfo, 0), PG_GETARG_OID(1), text_argument(fcinfo, 2), is_grant));
	api_leave(&call);
	PG_RETURN_VOID();
}

SFN_FUNCTION(sfn_grant_bus)
{
	return change_grant(fcinfo, true);
}

SFN_FUNCTION(sfn_revoke_bus)
{
	return change_grant(fcinfo, false);
}

/* ---- rules ---- */

SFN_FUNCTION(sfn_create_rule)
{
	ActionCall call;
	RuleRow rule = {.description = text_argument(fcinfo, 10), .is_enabled = flag_argument(fcinfo, 9)};
	TargetRow target = {.id = "1",
						.target = text_argument(fcinfo, 2),
						.input_path = text_argument(fcinfo, 4),
						.input = text_argument(fcinfo, 5),
						.input_transformer = text_argument(fcinfo, 6),
						.role = role_argument(fcinfo, 7),
						.retry = text_argument(fcinfo, 8),
						.dead_letter_queue = text_argument(fcinfo, 12)};
	char *arn;

	api_enter(&call, ACTION_SQL, "PutRule");
	rule.name = required_text(&call, fcinfo, 0, "name");
	rule.pattern = required_text(&call, fcinfo, 1, "pattern");
	rule.bus = required_text(&call, fcinfo, 3, "bus");
	api_check(&call, rule_create(&call, &rule, flag_argument(fcinfo, 11)));
	arn = rule_arn_of(rule.bus, rule.name);
	if (target.target != NULL)
		api_check(&call, target_set(&call, arn, &target));
	api_leave(&call);
	PG_RETURN_TEXT_P(cstring_to_text(arn));
}

SFN_FUNCTION(sfn_set_target)
{
	ActionCall call;
	TargetRow target = {.input_path = text_argument(fcinfo, 3),
						.input = text_argument(fcinfo, 4),
						.input_transformer = text_argument(fcinfo, 5),
						.role = role_argument(fcinfo, 6),
						.retry = text_argument(fcinfo, 7),
						.dead_letter_queue = text_argument(fcinfo, 8)};
	char *rule;

	api_enter(&call, ACTION_SQL, "PutTargets");
	rule = required_text(&call, fcinfo, 0, "rule");
	target.id = required_text(&call, fcinfo, 1, "target_id");
	target.target = required_text(&call, fcinfo, 2, "target");
	api_check(&call, target_set(&call, rule, &target));
	api_leave(&call);
	PG_RETURN_VOID();
}

SFN_FUNCTION(sfn_remove_target)
{
	ActionCall call;
	char *rule;

	api_enter(&call, ACTION_SQL, "RemoveTargets");
	rule = required_text(&call, fcinfo, 0, "rule");
	api_check(&call, target_remove(&call, rule, required_text(&call, fcinfo, 1, "target_id")));
	api_leave(&call);
	PG_RETURN_VOID();
}

static Datum
set_enabled(FunctionCallInfo fcinfo, const char *action, bool is_enabled)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, action);
	api_check(&call, rule_enable(&call, required_text(&call, fcinfo, 0, "rule"), is_enabled));
	api_leave(&call);
	PG_RETURN_VOID();
}

SFN_FUNCTION(sfn_enable_rule)
{
	return set_enabled(fcinfo, "EnableRule", true);
}

SFN_FUNCTION(sfn_disable_rule)
{
	return set_enabled(fcinfo, "DisableRule", false);
}

SFN_FUNCTION(sfn_drop_rule)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "DeleteRule");
	api_check(&call, rule_drop(&call, required_text(&call, fcinfo, 0, "rule")));
	api_leave(&call);
	PG_RETURN_VOID();
}

/* ---- events ---- */

static const JsonVal *
resources_argument(ActionCall *call, FunctionCallInfo fcinfo, int number)
{
	JvArrayBuilder resources;
	Datum *items;
	bool *nulls;
	int count;

	jv_array_begin(&resources);
	if (PG_ARGISNULL(number))
		return jv_array_end(&resources);
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(number), TEXTOID, -1, false, TYPALIGN_INT, &items, &nulls, &count);
	for (int i = 0; i < count; i++)
		jv_array_add(&resources, nulls[i] ? jv_null() : jv_string(TextDatumGetCString(items[i])));
	return jv_array_end(&resources);
}

static const JsonVal *
detail_argument(ActionCall *call, FunctionCallInfo fcinfo, int number)
{
	char *text = required_text(call, fcinfo, number, "detail");
	JvParseError error;
	const JsonVal *detail = jv_parse(text, (int) strlen(text), &error);

	if (detail == NULL)
		api_error(call, API_MALFORMED_DETAIL, "");
	return detail;
}

SFN_FUNCTION(sfn_put_event)
{
	ActionCall call;
	PutEvent put;
	char *id;

	api_enter(&call, ACTION_SQL, "PutEvents");
	put.source = required_text(&call, fcinfo, 0, "source");
	put.detail_type = required_text(&call, fcinfo, 1, "detail_type");
	put.detail = detail_argument(&call, fcinfo, 2);
	put.resources = resources_argument(&call, fcinfo, 3);
	put.bus = required_text(&call, fcinfo, 4, "bus");
	if (PG_ARGISNULL(5))
		api_error(&call, API_VALIDATION, "Time must be a moment", "time must not be null");
	put.time = PG_GETARG_TIMESTAMPTZ(5);
	api_check(&call, event_put(&call, &put, &id));
	api_leave(&call);
	return DirectFunctionCall1(uuid_in, CStringGetDatum(id));
}

SFN_FUNCTION(sfn_put_events)
{
	ActionCall call;
	char *text;
	JvParseError error;
	const JsonVal *answer;

	require_arguments(fcinfo);
	text = text_argument(fcinfo, 0);
	api_enter(&call, ACTION_SQL, "PutEvents");
	answer = put_event_entries(&call, jv_parse(text, (int) strlen(text), &error));
	api_check(&call, answer != NULL);
	api_leave(&call);
	return json_datum(answer);
}

SFN_FUNCTION(sfn_wait_for_event)
{
	TimestampTz deadline = deadline_argument(fcinfo, 1);
	ActionCall call;
	EventWait wait;
	char *pattern;
	char *event;

	api_enter(&call, ACTION_SQL, "WaitForEvent");
	pattern = required_text(&call, fcinfo, 0, "pattern");
	api_check(&call, event_wait_check(&call, required_text(&call, fcinfo, 2, "bus"), pattern, &wait));
	api_leave(&call);

	event = event_await(&wait, deadline);
	if (event == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(event));
}

SFN_FUNCTION(sfn_redeliver)
{
	ActionCall call;

	require_arguments(fcinfo);
	api_enter(&call, ACTION_SQL, "Redeliver");
	api_check(&call, event_redeliver(&call, PG_GETARG_INT64(0)));
	api_leave(&call);
	PG_RETURN_VOID();
}
