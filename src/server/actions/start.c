/*
 * start.c
 *	  Starting executions: one, one without a subtransaction, many.
 *
 * Callers only insert rows: an execution of their own and its START in the inbox.
 * Nothing here waits for an executor.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/acl.h"
#include "utils/builtins.h"

#include "actions/charges.h"
#include "actions/checks.h"
#include "actions/lineage.h"
#include "actions/machine_names.h"
#include "actions/resources.h"
#include "actions/start.h"
#include "engine/execution.h"
#include "settings/clock.h"
#include "settings/guc.h"
#include "settings/random_uuid.h"
#include "store/execution_batch.h"
#include "store/executions.h"
#include "store/new_executions.h"
#include "store/quotas.h"
#include "store/trust.h"

#define TRACE_HEADER_MAX_LENGTH 256

char *
express_name(const char *name)
{
	char *uuid = random_uuid();

	return psprintf("%s:%s", name != NULL ? name : random_uuid(), uuid);
}

/* ---- one ---- */

/* Is this start a repetition of the one that made the execution? */
static bool
is_same_start(const ExecutionRow *execution, const char *input, int input_length, const JsonVal *value)
{
	if (execution->status != EXECUTION_RUNNING)
		return false;
	if ((int) strlen(execution->input) == input_length && memcmp(execution->input, input, input_length) == 0)
		return true;
	return jv_equal(parse_stored(execution->input), value);
}

bool
execution_start(ActionCall *call, const MachineRow *machine, Oid starter, const char *input, int input_length,
				const char *name, const char *trace_header, StartedExecution *started)
{
	const JsonVal *value;
	ExecutionRow *existing;

	if (!require_active(call, machine) || (name != NULL && !check_name(call, name, "an execution")) ||
		(trace_header != NULL &&
		 !check_length(call, trace_header, "traceHeader", "trace_header", 0, TRACE_HEADER_MAX_LENGTH)))
		return false;
	value = check_input(call, input, input_length);
	if (value == NULL || !charge_start(call, machine, input_length, true))
		return false;

	trace_header = lineage_header(trace_header);
	started->start_date = sfn_now();
	started->was_there = false;
	started->id = execution_insert(machine, starter, name, input, input_length, trace_header, started->start_date,
								   &started->name, &existing);
	started->arn = execution_arn(machine->is_express, machine->name, started->name);
	if (started->id != 0)
		return true;

	if (existing == NULL || !is_same_start(existing, input, input_length, value))
		return action_fail(call, API_EXECUTION_ALREADY_EXISTS, started->arn);
	charge_start_undone(machine, input_length);
	started->was_there = true;
	started->id = existing->id;
	started->start_date = existing->start_date;
	return true;
}

/* ---- by a task ---- */

bool
machine_is_trusted(const MachineRow *machine, Oid role, SfnError *error)
{
	OwnedName called = {.kind = NAME_STATE_MACHINE,
						.id = machine->id,
						.name = machine->name,
						.owner = machine_role_now(machine)};

	return name_is_trusted(&called, role, error);
}

/* ---- one that cannot fail ---- */

/* The name of the machine, when the text is its ARN, without version or alias; or NULL. */
static const char *
plain_machine_name(const char *text)
{
	char *problem;
	Arn arn;

	if (!arn_parse(text, &arn, &problem) || arn.type != ARN_STATE_MACHINE || arn.rest != NULL || arn.label != NULL ||
		!arn_is_ours(&arn))
		return NULL;
	return arn.name;
}

bool
execution_input_is_plain(const char *input, bool is_json)
{
	JvParseError problem;
	int length = (int) strlen(input);

	return length <= sfn_max_payload_size && (is_json || jv_parse(input, length, &problem) != NULL);
}

/* As machine_by_name() reads it, without a query when it was asked for so before; text: its ARN. */
static MachineRow *
machine_of_arn(const char *text, const char *name)
{
	const NamedMachine *known = machine_names_find(text);
	uint64 moment;
	MachineRow *machine;

	if (known != NULL)
	{
		machine = palloc0(sizeof(MachineRow));
		*machine = (MachineRow){.id = known->id,
								.name = pstrdup(name),
								.is_express = known->is_express,
								.status = "ACTIVE",
								.role = known->role,
								.revision_id = known->revision_id};
		return machine;
	}
	moment = machine_names_moment();
	machine = machine_by_name(name);
	if (machine != NULL && strcmp(machine->status, "ACTIVE") == 0)
		machine_names_keep(text,
						   &(NamedMachine){.id = machine->id,
										   .revision_id = machine->revision_id,
										   .role = machine->role,
										   .is_express = machine->is_express},
						   moment);
	return machine;
}

/* ACTIVE, STANDARD, trusted, and its role is one that the starter is a member of and that has no quota. */
static bool
machine_is_plain(const MachineRow *machine, Oid starter)
{
	SfnError distrust;
	Quota quota;

	return !machine->is_express && strcmp(machine->status, "ACTIVE") == 0 &&
		has_privs_of_role(starter, machine->role) &&
		(machine->role == starter || machine_is_trusted(machine, starter, &distrust)) &&
		!quota_find(machine->role, &quota);
}

/*
 * A Map may start thousands.  Most are plain: a STANDARD machine of the same role by its ARN, a name of our own making, a
 * well-formed input, nobody's quota, and tables that rows can be put into directly.
 */
const MachineRow *
execution_plain_machine(Oid starter, const char *machine_arn)
{
	const char *name = plain_machine_name(machine_arn);
	const MachineRow *machine = name != NULL ? machine_of_arn(machine_arn, name) : NULL;

	return machine != NULL && machine_is_plain(machine, starter) && new_executions_are_direct() ? machine : NULL;
}

bool
execution_start_plain(Oid starter, const char *machine_arn, const char *input, bool has_parent,
					  StartedExecution *started)
{
	StoreScope scope;
	const MachineRow *machine;

	if (!execution_input_is_plain(input, false))
		return false;
	store_enter(&scope);
	machine = execution_plain_machine(starter, machine_arn);
	if (machine != NULL)
	{
		NewExecutions shared = {.machine = machine,
								.starter = starter,
								.start_date = sfn_now(),
								.trace_header = lineage_header(NULL),
								.has_parent = has_parent};
		NewExecution execution = {.input = CStringGetTextDatum(input)};

		new_name_make(&execution.name, NULL, false);
		new_executions_store(&shared, 1, &execution);
		started->id = execution.name.id;
		started->name = execution.name.name;
		started->arn = execution_arn(false, machine->name, started->name);
		started->start_date = shared.start_date;
	}
	store_leave(&scope);
	return machine != NULL;
}

/* ---- many ---- */

static void
starter_fail(ExecutionStarter *starter, int64 number)
{
	if (starter->failed == 0)
		starter->failed = number;
}

/* As for single ones: the same start again is the execution that there is. */
static void
starter_name_is_taken(void *arg, int64 number, const NewExecution *execution)
{
	ExecutionStarter *starter = arg;
	const MachineRow *machine = starter->machine;
	const ExecutionRow *existing = execution_named(machine->id, execution->name.name);
	char *input = TextDatumGetCString(execution->input);
	int length = (int) strlen(input);

	if (existing != NULL && is_same_start(existing, input, length, parse_stored(input)))
		charge_start_undone(machine, length);
	else if (starter->failed == 0)
	{
		(void) action_fail(starter->call, API_EXECUTION_ALREADY_EXISTS,
						   execution_arn(machine->is_express, machine->name, execution->name.name));
		starter_fail(starter, number + 1);
	}
}

bool
starter_begin(ExecutionStarter *starter, ActionCall *call, const MachineRow *machine, Oid who)
{
	NewExecutions shared = {.machine = machine,
							.starter = who,
							.start_date = sfn_now(),
							.trace_header = lineage_header(NULL)};

	if (!require_active(call, machine))
		return false;
	*starter = (ExecutionStarter){.call = call, .machine = machine};
	starter->batch = execution_batch_begin(&shared, starter_name_is_taken, starter);
	return true;
}

/* What is refused may only seem to be too much; it is counted when all that was taken before is in the tables. */
static bool
starter_charge(ExecutionStarter *starter, int input_length)
{
	if (charge_start(starter->call, starter->machine, input_length, starter->count == 1))
		return true;
	execution_batch_flush(starter->batch);
	return starter->failed == 0 && charge_start(starter->call, starter->machine, input_length, true);
}

char *
starter_add(ExecutionStarter *starter, const char *name, const char *input, int input_length)
{
	const MachineRow *machine = starter->machine;
	char *stored_name;

	starter->count++;
	if ((name != NULL && !check_name(starter->call, name, "an execution")) ||
		check_input(starter->call, input, input_length) == NULL || !starter_charge(starter, input_length))
	{
		starter_fail(starter, starter->count);
		return NULL;
	}
	stored_name = execution_batch_add(starter->batch, name, input, input_length);
	return starter->failed == 0 ? execution_arn(machine->is_express, machine->name, stored_name) : NULL;
}

bool
starter_end(ExecutionStarter *starter)
{
	execution_batch_end(starter->batch);
	return starter->failed == 0;
}
