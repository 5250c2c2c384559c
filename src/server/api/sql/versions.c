/*
 * versions.c
 *	  The SQL functions for versions and aliases of state machines.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "actions/versions.h"
#include "api/answers.h"
#include "api/arguments.h"
#include "store/sql_version.h"

/* The value of a jsonb argument that must be a list; NULL when it is null. */
static const JsonVal *
list_argument(ActionCall *call, FunctionCallInfo fcinfo, int number, const char *argument)
{
	const JsonVal *value = jsonb_value_argument(fcinfo, number);

	if (value != NULL && value->type != JV_ARRAY)
		api_error(call, API_VALIDATION, "", psprintf("%s must be a list", argument));
	return value;
}

/* ---- publish_state_machine_version(state_machine, description, revision_id) ---- */

SFN_FUNCTION(sfn_publish_state_machine_version)
{
	ActionCall call;
	MachineRow *machine;
	VersionRow *version;
	char *revision = NULL;

	if (!PG_ARGISNULL(2))
		revision = DatumGetCString(DirectFunctionCall1(uuid_out, PG_GETARG_DATUM(2)));
	api_enter(&call, ACTION_SQL, "PublishStateMachineVersion");
	machine = action_machine(&call, required_text(&call, fcinfo, 0, "state_machine"), MACHINE_UPDATE);
	api_check(&call, machine != NULL);
	version = version_publish(&call, machine, revision, text_argument(fcinfo, 1));
	api_check(&call, version != NULL);
	api_leave(&call);
	return CStringGetTextDatum(version_arn(machine->name, version->number));
}

/* ---- delete_state_machine_version(state_machine_version) ---- */

SFN_FUNCTION(sfn_delete_state_machine_version)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "DeleteStateMachineVersion");
	api_check(&call, version_remove(&call, required_text(&call, fcinfo, 0, "state_machine_version")));
	api_leave(&call);
	PG_RETURN_VOID();
}

/* ---- list_state_machine_versions(state_machine) ---- */

SFN_FUNCTION(sfn_list_state_machine_versions)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ActionCall call;
	MachineRow *machine;
	VersionRow *versions;
	int count;

	InitMaterializedSRF(fcinfo, 0);
	api_enter(&call, ACTION_SQL, "ListStateMachineVersions");
	machine = action_machine(&call, required_text(&call, fcinfo, 0, "state_machine"), MACHINE_SEE);
	api_check(&call, machine != NULL);
	count = version_list(machine->id, 0, PG_INT32_MAX, &versions);
	api_leave(&call);

	for (int i = 0; i < count; i++)
	{
		Datum values[3] = {CStringGetTextDatum(version_arn(machine->name, versions[i].number)),
						   CStringGetTextDatum(versions[i].description),
						   TimestampTzGetDatum(versions[i].creation_date)};
		bool nulls[3] = {false, versions[i].description[0] == '\0', false};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* ---- create_state_machine_alias(name, routing_configuration, description) ---- */

SFN_FUNCTION(sfn_create_state_machine_alias)
{
	ActionCall call;
	MachineAlias made;
	const JsonVal *routing;

	api_enter(&call, ACTION_SQL, "CreateStateMachineAlias");
	routing = list_argument(&call, fcinfo, 1, "routing_configuration");
	api_check(&call,
			  alias_create(&call, required_text(&call, fcinfo, 0, "name"), routing != NULL ? routing : jv_empty_array(),
						   text_argument(fcinfo, 2), &made));
	api_leave(&call);
	return CStringGetTextDatum(alias_arn(made.machine->name, made.alias->name));
}

/* ---- update_state_machine_alias(state_machine_alias, routing_configuration, description) ---- */

SFN_FUNCTION(sfn_update_state_machine_alias)
{
	ActionCall call;
	MachineAlias changed;

	api_enter(&call, ACTION_SQL, "UpdateStateMachineAlias");
	api_check(&call,
			  alias_change(&call, required_text(&call, fcinfo, 0, "state_machine_alias"),
						   list_argument(&call, fcinfo, 1, "routing_configuration"), text_argument(fcinfo, 2),
						   &changed));
	api_leave(&call);
	PG_RETURN_TIMESTAMPTZ(changed.alias->update_date);
}

/* ---- delete_state_machine_alias(state_machine_alias) ---- */

SFN_FUNCTION(sfn_delete_state_machine_alias)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "DeleteStateMachineAlias");
	api_check(&call, alias_remove(&call, required_text(&call, fcinfo, 0, "state_machine_alias")));
	api_leave(&call);
	PG_RETURN_VOID();
}

/* ---- describe_state_machine_alias(state_machine_alias) ---- */

SFN_FUNCTION(sfn_describe_state_machine_alias)
{
	ActionCall call;
	MachineAlias found;
	Datum values[6];
	bool nulls[6] = {false};

	api_enter(&call, ACTION_SQL, "DescribeStateMachineAlias");
	api_check(&call, alias_describe(&call, required_text(&call, fcinfo, 0, "state_machine_alias"), &found));
	api_leave(&call);

	values[0] = CStringGetTextDatum(alias_arn(found.machine->name, found.alias->name));
	values[1] = CStringGetTextDatum(found.alias->name);
	values[2] = CStringGetTextDatum(found.alias->description);
	nulls[2] = found.alias->description[0] == '\0';
	values[3] = json_datum(alias_routing(&found));
	values[4] = TimestampTzGetDatum(found.alias->creation_date);
	values[5] = TimestampTzGetDatum(found.alias->update_date);
	return result_row(fcinfo, values, nulls);
}

/* ---- list_state_machine_aliases(state_machine) ---- */

SFN_FUNCTION(sfn_list_state_machine_aliases)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ActionCall call;
	MachineAlias item;
	AliasRow *aliases;
	int count;

	InitMaterializedSRF(fcinfo, 0);
	api_enter(&call, ACTION_SQL, "ListStateMachineAliases");
	api_check(&call,
			  aliases_of(&call, required_text(&call, fcinfo, 0, "state_machine"), NULL, PG_INT32_MAX, &item.machine,
						 &aliases, &count));
	api_leave(&call);

	for (int i = 0; i < count; i++)
	{
		Datum values[3];
		bool nulls[3] = {false};

		item.alias = &aliases[i];
		values[0] = CStringGetTextDatum(alias_arn(item.machine->name, aliases[i].name));
		values[1] = json_datum(alias_routing(&item));
		values[2] = TimestampTzGetDatum(aliases[i].creation_date);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
