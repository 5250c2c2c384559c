/*
 * state_machines.c
 *	  The SQL functions for state machines.
 *
 * A definition comes as text, json or jsonb: text and json share their form, so
 * one C function serves both.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "actions/checks.h"
#include "actions/resources.h"
#include "actions/state_machines.h"
#include "api/answers.h"
#include "api/arguments.h"
#include "api/definition_advice.h"
#include "api/definition_answers.h"
#include "settings/arns.h"
#include "store/change_triggers.h"
#include "store/sql_version.h"
#include "store/tags.h"

/* Arguments from which on settings are given (store/machine_setting_list.h). */
#define CREATE_SETTINGS 6
#define UPDATE_SETTINGS 3

/* Columns of describe_state_machine(). */
enum
{
	DESCRIBE_ARN,
	DESCRIBE_NAME,
	DESCRIBE_STATUS,
	DESCRIBE_TYPE,
	DESCRIBE_DEFINITION,
	DESCRIBE_ROLE,
	DESCRIBE_ROLE_ARN,
	DESCRIBE_CREATION_DATE,
	DESCRIBE_UPDATE_DATE,
	DESCRIBE_REVISION_ID,
	DESCRIBE_SETTINGS, /* one for each */
	DESCRIBE_TAGS = DESCRIBE_SETTINGS + MACHINE_SETTINGS,
	DESCRIBE_DESCRIPTION,
	DESCRIBE_COLUMNS
};

static Datum create_state_machine(FunctionCallInfo fcinfo, char *definition, bool is_jsonb);
static Datum update_state_machine(FunctionCallInfo fcinfo, char *definition, bool is_jsonb);
static Datum validate_definition(FunctionCallInfo fcinfo, char *definition);

/* ---- create_state_machine(name, definition, type, role, replace, tags, settings ...) ---- */

SFN_FUNCTION(sfn_create_state_machine)
{
	return create_state_machine(fcinfo, text_argument(fcinfo, 1), false);
}

SFN_FUNCTION(sfn_create_state_machine_jsonb)
{
	return create_state_machine(fcinfo, jsonb_argument(fcinfo, 1), true);
}

/* The settings, from that argument on, in the order of their list; the number of the argument behind them. */
static int
read_settings(FunctionCallInfo fcinfo, int argument, MachineSettings *settings)
{
	static const JsonVal *(*const readers[])(FunctionCallInfo, int) = {[SETTING_jsonb] = jsonb_value_argument,
																	   [SETTING_int4] = integer_value_argument,
																	   [SETTING_text] = text_value_argument};

	for (int i = 0; i < MACHINE_SETTINGS; i++)
	{
		const MachineSettingRow *row = &machine_setting_rows[i];

		if (row->giver != BY_AWS)
		{
			settings->settings[i] = readers[row->type](fcinfo, argument);
			argument++;
		}
	}
	return argument;
}

static Datum
create_state_machine(FunctionCallInfo fcinfo, char *definition, bool is_jsonb)
{
	ActionCall call;
	MachineSettings settings = {0};
	MachineRow *machine;
	bool is_express;

	api_enter(&call, ACTION_SQL, "CreateStateMachine");
	settings.definition = definition != NULL ? definition : "";
	settings.is_jsonb = is_jsonb;
	settings.role = PG_ARGISNULL(3) ? InvalidOid : PG_GETARG_OID(3);
	settings.tags = jsonb_value_argument(fcinfo, 5);
	(void) read_settings(fcinfo, CREATE_SETTINGS, &settings);
	api_check(&call, check_type(&call, text_argument(fcinfo, 2), &is_express));
	machine = machine_create(&call, required_text(&call, fcinfo, 0, "name"), is_express, &settings,
							 !PG_ARGISNULL(4) && PG_GETARG_BOOL(4));
	api_check(&call, machine != NULL);
	definition_raise_warnings(settings.definition, is_express, machine->role);
	api_leave(&call);
	return CStringGetTextDatum(machine_arn(machine->name));
}

/* ---- update_state_machine(state_machine, definition, role, settings ..., keep_grants) ---- */

SFN_FUNCTION(sfn_update_state_machine)
{
	return update_state_machine(fcinfo, text_argument(fcinfo, 1), false);
}

SFN_FUNCTION(sfn_update_state_machine_jsonb)
{
	return update_state_machine(fcinfo, jsonb_argument(fcinfo, 1), true);
}

static Datum
update_state_machine(FunctionCallInfo fcinfo, char *definition, bool is_jsonb)
{
	ActionCall call;
	int last;
	MachineSettings settings = {0};
	MachineRow *machine;
	RevisionRow *revision;
	Datum values[2];
	bool nulls[2] = {false, false};

	api_enter(&call, ACTION_SQL, "UpdateStateMachine");
	settings.definition = definition;
	settings.is_jsonb = is_jsonb;
	settings.role = PG_ARGISNULL(2) ? InvalidOid : PG_GETARG_OID(2);
	last = read_settings(fcinfo, UPDATE_SETTINGS, &settings);
	settings.keep_grants = !PG_ARGISNULL(last) && PG_GETARG_BOOL(last);
	machine = machine_update(&call, required_text(&call, fcinfo, 0, "state_machine"), &settings, &revision);
	api_check(&call, machine != NULL);
	if (definition != NULL)
		definition_raise_warnings(definition, machine->is_express, revision->role);
	api_leave(&call);

	values[0] = TimestampTzGetDatum(machine->update_date);
	values[1] = DirectFunctionCall1(uuid_in, CStringGetDatum(revision->revision_uuid));
	return result_row(fcinfo, values, nulls);
}

/* ---- delete_state_machine(state_machine) ---- */

/* Whoever writes to a table whose trigger starts the machine fails from now on. */
static void
notice_triggers(ActionCall *call, const char *machine)
{
	const char *name;
	const char *qualifier;
	char *triggers;

	if (!action_machine_reference(call, machine, &name, &qualifier) || name == NULL || qualifier != NULL)
		return;
	triggers = change_triggers_naming(name, machine_arn(name));
	if (triggers != NULL)
		ereport(NOTICE,
				(errmsg("triggers still start state machine \"%s\"", name), errdetail("They are on %s.", triggers)));
}

SFN_FUNCTION(sfn_delete_state_machine)
{
	ActionCall call;
	const char *machine;

	api_enter(&call, ACTION_SQL, "DeleteStateMachine");
	machine = required_text(&call, fcinfo, 0, "state_machine");
	api_check(&call, machine_delete(&call, machine));
	notice_triggers(&call, machine);
	api_leave(&call);
	PG_RETURN_VOID();
}

/* ---- describe_state_machine(state_machine) ---- */

/* AWS's list of keys and values as the object that create_state_machine() takes. */
static const JsonVal *
tags_as_object(const JsonVal *list)
{
	JvObjectBuilder object;

	jv_object_begin(&object);
	for (int i = 0; i < list->count; i++)
		jv_object_add(&object, jv_get_string(list->u.items[i], "key"), jv_get(list->u.items[i], "value"));
	return jv_object_end(&object);
}

static void
put_setting(Datum *values, bool *nulls, const RevisionRow *revision, MachineSetting setting)
{
	const JsonVal *shown = setting_shown(revision, setting);
	int column = DESCRIBE_SETTINGS + setting;
	int64 number;

	switch (machine_setting_rows[setting].type)
	{
		case SETTING_jsonb:
			values[column] = json_datum(shown);
			break;
		case SETTING_int4:
			if (!jv_to_plain_int64(shown, &number))
				elog(ERROR, "setting %d of a state machine is no number", (int) setting);
			values[column] = Int32GetDatum((int32) number);
			break;
		case SETTING_text:
			put_text(values, nulls, column, shown != NULL ? shown->u.text : NULL);
			break;
	}
}

SFN_FUNCTION(sfn_describe_state_machine)
{
	ActionCall call;
	MachineDescription machine;
	Datum values[DESCRIBE_COLUMNS] = {0};
	bool nulls[DESCRIBE_COLUMNS] = {false};

	api_enter(&call, ACTION_SQL, "DescribeStateMachine");
	api_check(&call, machine_describe(&call, required_text(&call, fcinfo, 0, "state_machine"), &machine));

	values[DESCRIBE_ARN] = CStringGetTextDatum(machine.arn);
	values[DESCRIBE_NAME] = CStringGetTextDatum(machine.row->name);
	values[DESCRIBE_STATUS] = CStringGetTextDatum(machine.row->status);
	values[DESCRIBE_TYPE] = CStringGetTextDatum(machine.row->is_express ? "EXPRESS" : "STANDARD");
	values[DESCRIBE_DEFINITION] = CStringGetTextDatum(machine.revision->definition);
	values[DESCRIBE_ROLE] = ObjectIdGetDatum(machine.revision->role);
	values[DESCRIBE_ROLE_ARN] = CStringGetTextDatum(machine.revision->role_arn);
	values[DESCRIBE_CREATION_DATE] = TimestampTzGetDatum(machine.creation_date);
	values[DESCRIBE_UPDATE_DATE] = TimestampTzGetDatum(machine.row->update_date);
	nulls[DESCRIBE_UPDATE_DATE] = machine.row->update_date == 0;
	values[DESCRIBE_REVISION_ID] = DirectFunctionCall1(uuid_in, CStringGetDatum(machine.revision->revision_uuid));
	for (int i = 0; i < MACHINE_SETTINGS; i++)
		put_setting(values, nulls, machine.revision, i);
	values[DESCRIBE_TAGS] =
		json_datum(tags_as_object(parse_stored(tags_as_list((TagOwner){TAGS_OF_MACHINE, machine.row->id}))));
	put_text(values, nulls, DESCRIBE_DESCRIPTION, machine.description);
	api_leave(&call);

	return result_row(fcinfo, values, nulls);
}

/* ---- list_state_machines(max_results) ---- */

SFN_FUNCTION(sfn_list_state_machines)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ActionCall call;
	MachineRow **machines;
	int count;

	InitMaterializedSRF(fcinfo, 0);
	api_enter(&call, ACTION_SQL, "ListStateMachines");
	count = machine_list(call.scope.caller, NULL, PG_INT32_MAX, &machines);
	api_leave(&call);

	for (int i = 0; i < count; i++)
	{
		Datum values[4];
		bool nulls[4] = {false};

		values[0] = CStringGetTextDatum(machine_arn(machines[i]->name));
		values[1] = CStringGetTextDatum(machines[i]->name);
		values[2] = CStringGetTextDatum(machines[i]->is_express ? "EXPRESS" : "STANDARD");
		values[3] = TimestampTzGetDatum(machines[i]->creation_date);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* ---- validate_state_machine_definition(definition, type) ---- */

SFN_FUNCTION(sfn_validate_state_machine_definition)
{
	return validate_definition(fcinfo, text_argument(fcinfo, 0));
}

SFN_FUNCTION(sfn_validate_state_machine_definition_jsonb)
{
	return validate_definition(fcinfo, jsonb_argument(fcinfo, 0));
}

static Datum
validate_definition(FunctionCallInfo fcinfo, char *definition)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ActionCall call;
	DiagnosticList problems;
	bool is_express;

	InitMaterializedSRF(fcinfo, 0);
	api_enter(&call, ACTION_SQL, "ValidateStateMachineDefinition");
	api_check(&call, check_type(&call, text_argument(fcinfo, 1), &is_express));
	definition_check_with_advice(definition != NULL ? definition : "", is_express, call.scope.caller, &problems);
	api_leave(&call);

	for (int i = 0; i < problems.count; i++)
	{
		const Diagnostic *problem = &problems.items[i];
		Datum values[7];
		bool nulls[7] = {false};

		put_text(values, nulls, 0, problem->severity == DIAGNOSTIC_ERROR ? "ERROR" : "WARNING");
		put_text(values, nulls, 1, problem->code);
		put_text(values, nulls, 2, problem->message);
		put_text(values, nulls, 3, problem->location);
		values[4] = Int32GetDatum(problem->line);
		values[5] = Int32GetDatum(problem->column);
		nulls[4] = nulls[5] = problem->line == 0;
		put_text(values, nulls, 6, problem->hint);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* ---- who_answers(definition) ---- */

SFN_FUNCTION(sfn_who_answers)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	char *definition = text_argument(fcinfo, 0);
	TaskAnswerer *tasks;
	int count;
	ActionCall call;
	bool is_valid;

	InitMaterializedSRF(fcinfo, 0);
	api_enter(&call, ACTION_SQL, "ValidateStateMachineDefinition");
	is_valid = definition_answers(definition != NULL ? definition : "", call.scope.caller, &tasks, &count);
	api_leave(&call);
	if (!is_valid)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the definition is not valid"),
				 errhint("sfn.validate_state_machine_definition() returns the problems as rows.")));
	for (int i = 0; i < count; i++)
	{
		Datum values[4];
		bool nulls[4] = {false};

		put_text(values, nulls, 0, tasks[i].location);
		put_text(values, nulls, 1, tasks[i].resource);
		put_text(values, nulls, 2, tasks[i].by);
		put_text(values, nulls, 3, tasks[i].detail);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* ---- for the views ---- */

SFN_FUNCTION(sfn_state_machine_arn)
{
	return CStringGetTextDatum(machine_arn(text_to_cstring(PG_GETARG_TEXT_PP(0))));
}
