/*
 * arguments.c
 *	  What all functions of the API do with their arguments: scope, names, ARNs, JSON, privileges.
 *
 * Every function of the API runs in a scope of the store, as the bootstrap
 * superuser; whose privileges count is call->scope.caller.
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "api/arguments.h"
#include "settings/guc.h"
#include "store/grants.h"
#include "json/json_error.h"

#define NAME_MAX_LENGTH 80
#define MAX_RESULTS_DEFAULT 100
#define MAX_RESULTS_LIMIT 1000
#define SHOWN_VALUE_LENGTH 200 /* characters of a wrong value that an error repeats */

static char *json_problem_as_aws(const char *text, int length, const JvParseError *error);

/* ---- scope and privileges ---- */

void
api_enter(ApiCall *call, ApiStyle style, const char *action)
{
	call->style = style;
	call->action = action;
	store_enter(&call->scope);
}

void
api_leave(ApiCall *call)
{
	store_leave(&call->scope);
}

/*
 * Members of the machine's role, superusers among them, may do everything with it; others what they were given.
 * sfn_may_see() is the same rule for rows.
 */
bool
machine_privilege(const MachineRow *machine, Oid role, MachinePrivilege privilege)
{
	static const char *const given[] =
		{[MACHINE_START] = "start manage", [MACHINE_SEE] = "see manage", [MACHINE_MANAGE] = "manage"};

	return is_member_of_role(role, machine->role) ||
		grant_exists(machine->map_of != 0 ? machine->map_of : machine->id, role, given[privilege]);
}

void
require_machine_privilege(const ApiCall *call, const MachineRow *machine, Oid role, MachinePrivilege privilege)
{
	const char *role_name;
	const char *owner_name;

	if (machine_privilege(machine, role, privilege))
		return;

	role_name = GetUserNameFromId(role, true);
	owner_name = GetUserNameFromId(machine->role, true);
	api_error(call, API_ACCESS_DENIED,
			  psprintf("arn:aws:iam::%s:role/%s", sfn_account_id, role_name != NULL ? role_name : ""), call->action,
			  machine_arn(machine->name), role_name != NULL ? role_name : "",
			  psprintf("state machine \"%s\"", machine->name), owner_name != NULL ? owner_name : "(dropped)", NULL);
}

/* ---- machines and executions ---- */

char *
machine_arn(const char *name)
{
	return arn_of_machine(sfn_region, sfn_account_id, name);
}

char *
execution_arn(bool is_express, const char *machine_name, const char *stored_name)
{
	return arn_of_execution(sfn_region, sfn_account_id, is_express, machine_name, stored_name);
}

/* Parses an ARN of a type of ours; an error names what was expected. */
static void
parse_arn(const ApiCall *call, const char *text, const char *what, const char *example, Arn *arn)
{
	char *problem;

	if (!arn_parse(text, arn, &problem))
		api_error(call, API_INVALID_ARN, problem, text, what, example, NULL);
}

static void
wrong_arn_type(const ApiCall *call, const Arn *arn, const char *text, const char *what, const char *example)
{
	api_error(call, API_INVALID_ARN, psprintf("Resource type not valid in this context: %s", arn->type_name), text,
			  what, example, NULL);
}

void
api_arn(const ApiCall *call, const char *text, ArnType type, const char *what, const char *example, Arn *arn)
{
	parse_arn(call, text, what, example, arn);
	if (arn->type != type)
		wrong_arn_type(call, arn, text, what, example);
}

bool
arn_is_ours(const Arn *arn)
{
	return strcmp(arn->region, sfn_region) == 0 && strcmp(arn->account, sfn_account_id) == 0;
}

MachineRow *
api_machine(const ApiCall *call, const char *name_or_arn, MachinePrivilege privilege)
{
	return api_machine_for(call, call->scope.caller, name_or_arn, privilege);
}

const char *
api_machine_reference(const ApiCall *call, const char *name_or_arn, const char **qualifier)
{
	const char *colon;

	if (call->style == API_AWS || arn_looks_like(name_or_arn))
	{
		Arn arn;

		parse_arn(call, name_or_arn, "a state machine", machine_arn("NAME"), &arn);
		if (arn.type != ARN_STATE_MACHINE)
			wrong_arn_type(call, &arn, name_or_arn, "a state machine", machine_arn("NAME"));
		*qualifier = arn.rest;
		return arn_is_ours(&arn) && arn.label == NULL ? arn.name : NULL;
	}

	colon = strchr(name_or_arn, ':'); /* no name has one */
	*qualifier = colon != NULL ? colon + 1 : NULL;
	return colon != NULL ? pnstrdup(name_or_arn, colon - name_or_arn) : name_or_arn;
}

MachineRow *
api_find_machine(const ApiCall *call, const char *name_or_arn)
{
	const char *qualifier;
	const char *name = api_machine_reference(call, name_or_arn, &qualifier);

	return name != NULL && qualifier == NULL ? machine_by_name(name) : NULL;
}

MachineRow *
api_machine_for(const ApiCall *call, Oid role, const char *name_or_arn, MachinePrivilege privilege)
{
	MachineRow *machine = api_find_machine(call, name_or_arn);

	if (machine == NULL)
		api_error(call, API_STATE_MACHINE_DOES_NOT_EXIST,
				  arn_looks_like(name_or_arn) ? name_or_arn : machine_arn(name_or_arn), name_or_arn, NULL);
	require_machine_privilege(call, machine, role, privilege);
	return machine;
}

ExecutionRow *
api_execution(const ApiCall *call, const char *text, MachinePrivilege privilege, bool express_allowed,
			  MachineRow **machine_out)
{
	Arn arn;
	ExecutionRow *execution = NULL;
	MachineRow *machine = NULL;
	const char *example = execution_arn(false, "STATE_MACHINE", "NAME");

	parse_arn(call, text, "an execution", example, &arn);
	if (arn.type != ARN_EXECUTION && !(arn.type == ARN_EXPRESS_EXECUTION && express_allowed))
		wrong_arn_type(call, &arn, text, arn.type == ARN_EXPRESS_EXECUTION ? "a STANDARD execution" : "an execution",
					   example);

	if (arn_is_ours(&arn))
		execution = execution_by_name(arn.name, arn.rest);
	if (execution != NULL)
		machine = machine_by_id(execution->state_machine_id);
	if (machine == NULL || machine->is_express != (arn.type == ARN_EXPRESS_EXECUTION))
		api_error(call, API_EXECUTION_DOES_NOT_EXIST, text, NULL);
	require_machine_privilege(call, machine, call->scope.caller, privilege);
	if (machine_out != NULL)
		*machine_out = machine;
	return execution;
}

/* ---- checks ---- */

/* A value as errors repeat it: quoted, cut where it is long. */
static char *
shown_value(const char *value)
{
	int length = (int) strlen(value);

	if (length <= SHOWN_VALUE_LENGTH)
		return psprintf("'%s'", value);
	return psprintf("'%.*s...'", pg_mbcliplen(value, length, SHOWN_VALUE_LENGTH), value);
}

void
check_length(const ApiCall *call, const char *value, const char *member, const char *argument, int min, int max)
{
	int length = pg_mbstrlen(value);

	if (length < min)
		api_error(call, API_CONSTRAINT, shown_value(value), member,
				  psprintf("Member must have length greater than or equal to %d", min),
				  psprintf("%s must not be empty", argument), NULL);
	if (length > max)
		api_error(call, API_CONSTRAINT, shown_value(value), member,
				  psprintf("Member must have length less than or equal to %d", max),
				  psprintf("%s is %d characters long, but at most %d are allowed", argument, length, max), NULL);
}

int
check_max_results(const ApiCall *call, int64 max_results)
{
	if (max_results < 0)
		api_error(call, API_CONSTRAINT, psprintf("'" INT64_FORMAT "'", max_results), "maxResults",
				  "Member must have value greater than or equal to 0", "max_results must not be negative", NULL);
	if (max_results > MAX_RESULTS_LIMIT)
		api_error(call, API_CONSTRAINT, psprintf("'" INT64_FORMAT "'", max_results), "maxResults",
				  psprintf("Member must have value less than or equal to %d", MAX_RESULTS_LIMIT),
				  psprintf("max_results must not be above %d", MAX_RESULTS_LIMIT), NULL);
	return max_results == 0 ? MAX_RESULTS_DEFAULT : (int) max_results;
}

/* Characters that no name may contain, beside white space and control characters. */
static bool
is_forbidden_in_names(pg_wchar c)
{
	if (c <= 0x20 || (c >= 0x7f && c <= 0x9f))
		return true;
	if (c < 0x80)
		return strchr("<>{}[]?*\"#%\\^|~`$&,;:/", (int) c) != NULL;
	return c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
		c == 0x205f || c == 0x3000 || c == 0xfffe || c == 0xffff || c == 0x10ffff;
}

void
check_name(const ApiCall *call, const char *name, const char *what)
{
	const unsigned char *c = (const unsigned char *) name;

	if (call->style == API_AWS)
		check_length(call, name, "name", "name", 1, NAME_MAX_LENGTH);
	else if (name[0] == '\0' || pg_mbstrlen(name) > NAME_MAX_LENGTH)
		api_error(call, API_INVALID_NAME, name, what, NULL);

	while (*c != '\0')
	{
		if (is_forbidden_in_names(utf8_to_unicode(c)))
			api_error(call, API_INVALID_NAME, name, what, NULL);
		c += pg_utf_mblen(c);
	}
}

const JsonVal *
check_input(const ApiCall *call, const char *input, int length)
{
	JvParseError error;
	const JsonVal *value;

	if (length > sfn_max_payload_size)
		api_error(call, API_INPUT_TOO_LARGE, psprintf("%d", sfn_max_payload_size), psprintf("%d", length), NULL);

	value = jv_parse(input, length, &error);
	if (value == NULL)
		api_error(call, API_INVALID_EXECUTION_INPUT, json_problem_as_aws(input, length, &error),
				  psprintf("%s at line %d, column %d", error.message, error.line, error.column), NULL);
	return value;
}

/* What is wrong with a text that is no JSON, as AWS says it. */
static char *
json_problem_as_aws(const char *text, int length, const JvParseError *error)
{
	if (length == (int) strspn(text, " \t\r\n"))
		return "Invalid execution input.";
	return json_error_message(text, length, error, NULL);
}

/* ---- JSON of answers ---- */

/* The difference between the Unix epoch and PostgreSQL's. */
#define EPOCH_DIFFERENCE_USECS ((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY)

const JsonVal *
epoch_seconds(TimestampTz moment)
{
	int64 millis = (moment + EPOCH_DIFFERENCE_USECS) / 1000;
	char *text = psprintf(INT64_FORMAT ".%03d", millis / 1000, (int) (millis % 1000));

	return jv_number_text(text, (int) strlen(text));
}

/* With a digit behind the point, as AWS writes its doubles. */
const JsonVal *
json_of_double(double number)
{
	char *text = psprintf("%.15g", number);

	if (strpbrk(text, ".e") == NULL)
		text = psprintf("%s.0", text);
	return jv_number_text(text, (int) strlen(text));
}

TimestampTz
moment_of_epoch_seconds(double seconds)
{
	return (TimestampTz) (rint(seconds * 1000.0) * 1000.0) - EPOCH_DIFFERENCE_USECS;
}

Datum
json_datum(const JsonVal *value)
{
	StringInfoData text;

	initStringInfo(&text);
	jv_print(&text, value);
	return PointerGetDatum(cstring_to_text_with_len(text.data, text.len));
}

const JsonVal *
parse_stored(const char *text)
{
	JvParseError error;
	const JsonVal *value = jv_parse(text, (int) strlen(text), &error);

	if (value == NULL)
		elog(ERROR, "stored JSON cannot be read: %s at offset %d", error.message, error.offset);
	return value;
}

/* ---- arguments of SQL functions ---- */

char *
text_argument(FunctionCallInfo fcinfo, int number)
{
	return PG_ARGISNULL(number) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(number));
}

char *
jsonb_argument(FunctionCallInfo fcinfo, int number)
{
	Jsonb *value;

	if (PG_ARGISNULL(number))
		return NULL;
	value = PG_GETARG_JSONB_P(number);
	return JsonbToCString(NULL, &value->root, VARSIZE(value));
}

char *
required_text(const ApiCall *call, FunctionCallInfo fcinfo, int number, const char *argument)
{
	if (PG_ARGISNULL(number))
		api_error(call, API_CONSTRAINT, "null", argument, "Member must not be null",
				  psprintf("%s must not be null", argument), NULL);
	return text_argument(fcinfo, number);
}

/* ---- a row as the result of a SQL function ---- */

Datum
result_row(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	TupleDesc columns;

	if (get_call_result_type(fcinfo, NULL, &columns) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(columns), values, nulls));
}

void
put_text(Datum *values, bool *nulls, int column, const char *text)
{
	nulls[column] = text == NULL;
	values[column] = text != NULL ? CStringGetTextDatum(text) : (Datum) 0;
}

void
put_moment(Datum *values, bool *nulls, int column, TimestampTz moment)
{
	nulls[column] = moment == 0;
	values[column] = TimestampTzGetDatum(moment);
}
