/*
 * child_start.c
 *	  Starting an execution for a task without going through sfn.api().
 *
 * A Map may start thousands.  Most are plain: a STANDARD machine of the same role by
 * its ARN, a name of our own making, an input that is well-formed, nobody's quota and
 * tables that rows can be put into directly.  Nothing of that can fail as a task
 * fails, so it needs no subtransaction.  Whatever else it may be, sfn.api() is asked,
 * which knows what to say.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "nodes/value.h"
#include "parser/parse_func.h"
#include "utils/acl.h"
#include "utils/builtins.h"

#include "aws/arn.h"
#include "services/states/child_start.h"
#include "settings/clock.h"
#include "settings/compat.h"
#include "settings/guc.h"
#include "store/executions.h"
#include "store/new_executions.h"
#include "store/quotas.h"
#include "store/store.h"

static bool role_may_call(Oid role);
static const char *plain_machine_name(const JsonVal *request);
static const char *plain_input(const JsonVal *request);
static MachineRow *plain_machine(const char *name, Oid role);

bool
child_start(const JsonVal *request, Oid role, bool awaits_end, ChildStart *started)
{
	const char *name = plain_machine_name(request);
	const char *input = plain_input(request);
	MachineRow *machine;
	StoreScope scope;

	if (name == NULL || input == NULL || !role_may_call(role))
		return false;
	store_enter(&scope);
	machine = plain_machine(name, role);
	if (machine != NULL && new_executions_are_direct())
	{
		NewExecutions shared = {.machine = machine, .starter = role, .start_date = sfn_now(), .has_parent = awaits_end};
		char *stored_name = execution_name_make();
		Datum names[1] = {CStringGetTextDatum(stored_name)};
		Datum inputs[1] = {CStringGetTextDatum(input)};

		new_executions_store(&shared, 1, names, inputs, &started->id);
		started->arn = arn_of_execution(sfn_region, sfn_account_id, false, machine->name, stored_name);
		started->start_date = shared.start_date;
	}
	else
		machine = NULL;
	store_leave(&scope);
	return machine != NULL;
}

/* As the statement that calls the API would find. */
static bool
role_may_call(Oid role)
{
	Oid types[2] = {TEXTOID, JSONOID};
	Oid schema = get_namespace_oid("sfn", true);
	Oid function = LookupFuncName(list_make2(makeString("sfn"), makeString("api")), 2, types, true);

	return OidIsValid(schema) && OidIsValid(function) &&
		sfn_namespace_aclcheck(schema, role, ACL_USAGE) == ACLCHECK_OK &&
		sfn_proc_aclcheck(function, role, ACL_EXECUTE) == ACLCHECK_OK;
}

/* The name of the machine, when the request has nothing but its ARN, without version or alias, and perhaps an input. */
static const char *
plain_machine_name(const JsonVal *request)
{
	const char *text = jv_get_string(request, "stateMachineArn");
	char *problem;
	Arn arn;

	if (text == NULL || request->count > (jv_get(request, "input") != NULL ? 2 : 1) || !arn_parse(text, &arn, &problem))
		return NULL;
	if (arn.type != ARN_STATE_MACHINE || arn.rest != NULL || arn.label != NULL || strcmp(arn.region, sfn_region) != 0 ||
		strcmp(arn.account, sfn_account_id) != 0)
		return NULL;
	return arn.name;
}

static const char *
plain_input(const JsonVal *request)
{
	const char *input = jv_get(request, "input") != NULL ? jv_get_string(request, "input") : "{}";
	JvParseError problem;

	if (input == NULL || strlen(input) > (Size) sfn_max_payload_size ||
		jv_parse(input, (int) strlen(input), &problem) == NULL)
		return NULL;
	return input;
}

/* ACTIVE, STANDARD, and its role is one that the caller is a member of and that has no quota; or NULL. */
static MachineRow *
plain_machine(const char *name, Oid role)
{
	MachineRow *machine = machine_by_name(name);
	Quota quota;

	if (machine == NULL || machine->is_express || strcmp(machine->status, "ACTIVE") != 0 ||
		!is_member_of_role(role, machine->role) || quota_find(machine->role, &quota))
		return NULL;
	return machine;
}
