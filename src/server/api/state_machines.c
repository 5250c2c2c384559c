/*
 * state_machines.c
 *	  Making, changing, describing and deleting state machines: what SQL functions and sfn.api() share.
 *
 * The SQL functions themselves are in state_machine_functions.c.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"

#include "api/arguments.h"
#include "api/settings.h"
#include "api/state_machines.h"
#include "api/tags.h"
#include "api/versions.h"
#include "asl/compile.h"
#include "engine/engine.h"
#include "settings/clock.h"
#include "settings/guc.h"
#include "store/instance.h"

static bool machine_store(const ApiCall *call, MachineRow *machine, RevisionRow *revision, const JsonVal *tags);
static bool finish_deletion(const MachineRow *machine);
static void require_valid_definition(const ApiCall *call, const char *name, const char *definition, bool is_express);
static Oid check_role(const ApiCall *call, Oid role);
static void settings_to_revision(const ApiCall *call, const MachineSettings *settings, RevisionRow *revision);
static bool revision_equal(const RevisionRow *a, const RevisionRow *b);
static bool json_text_equal(const char *a, const char *b);

/* ---- create ---- */

MachineRow *
machine_create(const ApiCall *call, const char *name, bool is_express, const MachineSettings *settings, bool replace)
{
	MachineRow *existing;
	RevisionRow revision = {0};
	MachineRow *machine = palloc0(sizeof(MachineRow));

	check_name(call, name, "a state machine");
	require_valid_definition(call, name, settings->definition, is_express);
	revision.role = check_role(call, settings->role);
	settings_to_revision(call, settings, &revision);
	revision.creation_date = sfn_now();

	machine->name = pstrdup(name);
	machine->is_express = is_express;
	machine->role = revision.role;
	machine->creator = call->scope.caller;
	machine->creation_date = revision.creation_date;

	instance_claim_if_empty();
	if (machine_store(call, machine, &revision, settings->tags))
		return machine;

	existing = machine_by_name(name);
	if (existing != NULL && finish_deletion(existing) && machine_store(call, machine, &revision, settings->tags))
		return machine;
	if (existing == NULL)
		api_error(call, API_STATE_MACHINE_ALREADY_EXISTS, machine_arn(name), name, NULL);
	if (strcmp(existing->status, "ACTIVE") != 0)
		api_error(call, API_STATE_MACHINE_DELETING, machine_arn(name), name, NULL);
	if (replace && existing->is_express == is_express)
	{
		machine = machine_update(call, name, settings, NULL);
		if (settings->tags != NULL)
			tags_add(call, (TagOwner){TAGS_OF_MACHINE, machine->id}, settings->tags);
		return machine;
	}
	if (existing->is_express != is_express || existing->role != machine->role ||
		!revision_equal(revision_by_id(existing->revision_id), &revision))
		api_error(call, API_STATE_MACHINE_ALREADY_EXISTS, machine_arn(name), name, NULL);
	return existing;
}

/* Stores a new machine with its tags; false: the name is taken. */
static bool
machine_store(const ApiCall *call, MachineRow *machine, RevisionRow *revision, const JsonVal *tags)
{
	if (!machine_insert(machine, revision))
		return false;
	if (tags != NULL)
		tags_add(call, (TagOwner){TAGS_OF_MACHINE, machine->id}, tags);
	return true;
}

/* True when the machine was being deleted and its last execution has ended: its name is free now. */
static bool
finish_deletion(const MachineRow *machine)
{
	if (strcmp(machine->status, "DELETING") != 0 || execution_count_open(machine->id) > 0)
		return false;
	machine_set_status(machine->id, "DELETED");
	return true;
}

const AslMachine *
definition_compile(const char *definition, bool is_express, DiagnosticList *problems)
{
	return asl_compile(definition, (int) strlen(definition), is_express, state_types, state_type_count, problems);
}

void
definition_check(const char *definition, bool is_express, DiagnosticList *problems)
{
	(void) asl_compile(definition, (int) strlen(definition), is_express, state_types, state_type_count, problems);
}

void
definition_refuse(const ApiCall *call, const char *name, const DiagnosticList *problems)
{
	StringInfoData aws;
	StringInfoData detail;

	initStringInfo(&aws);
	initStringInfo(&detail);
	for (int i = 0; i < problems->count; i++)
	{
		const Diagnostic *problem = &problems->items[i];
		bool has_place = problem->location != NULL && problem->location[0] == '/';

		if (problem->severity != DIAGNOSTIC_ERROR)
			continue;
		appendStringInfo(&aws, "%s%s: %s%s%s", aws.len > 0 ? ", " : "", problem->code, problem->message,
						 has_place ? " at " : "", has_place ? problem->location : "");
		appendStringInfo(&detail, "%s%s: %s", detail.len > 0 ? "\n" : "", problem->code, problem->message);
		if (has_place)
			appendStringInfo(&detail, " at %s", problem->location);
		if (problem->line > 0)
			appendStringInfo(&detail, " (line %d, column %d)", problem->line, problem->column);
		if (problem->hint != NULL)
			appendStringInfo(&detail, ". %s", problem->hint);
	}
	api_error_with_detail(call, API_INVALID_DEFINITION, detail.data, aws.data, name, NULL);
}

/* Raises InvalidDefinition with all problems when there is one. */
static void
require_valid_definition(const ApiCall *call, const char *name, const char *definition, bool is_express)
{
	DiagnosticList problems;

	definition_check(definition, is_express, &problems);
	if (problems.error_count > 0)
		definition_refuse(call, name, &problems);
}

/* The role given, or the caller, who must be a member of it. */
static Oid
check_role(const ApiCall *call, Oid role)
{
	if (!OidIsValid(role))
		return call->scope.caller;
	if (!is_member_of_role(call->scope.caller, role))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be member of role \"%s\"", GetUserNameFromId(role, false)),
				 errdetail("The tasks of a state machine run as its role.")));
	return role;
}

/* Fills what settings give: definition, ARN of the role (by default made from its name), configurations. */
static void
settings_to_revision(const ApiCall *call, const MachineSettings *settings, RevisionRow *revision)
{
	if (settings->definition != NULL)
		revision->definition = pstrdup(settings->definition);
	if (settings->role_arn != NULL)
		revision->role_arn = pstrdup(settings->role_arn);
	else if (revision->role_arn == NULL || OidIsValid(settings->role))
		revision->role_arn =
			psprintf("arn:aws:iam::%s:role/%s", sfn_account_id, GetUserNameFromId(revision->role, false));
	if (settings->logging != NULL)
		revision->logging = logging_check(call, settings->logging);
	if (settings->tracing != NULL)
		revision->tracing = tracing_check(call, settings->tracing);
}

/* Are these the same for a caller who makes a machine again? */
static bool
revision_equal(const RevisionRow *a, const RevisionRow *b)
{
	return a->role == b->role && strcmp(a->definition, b->definition) == 0 && strcmp(a->role_arn, b->role_arn) == 0 &&
		json_text_equal(a->logging, b->logging) && json_text_equal(a->tracing, b->tracing);
}

static bool
json_text_equal(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return jv_equal(parse_stored(a), parse_stored(b));
}

bool
type_is_express(const ApiCall *call, const char *type)
{
	if (type == NULL || strcmp(type, "STANDARD") == 0)
		return false;
	if (strcmp(type, "EXPRESS") != 0)
		api_error(call, API_CONSTRAINT, psprintf("'%s'", type), "type",
				  "Member must satisfy enum value set: [STANDARD, EXPRESS]",
				  psprintf("type must be STANDARD or EXPRESS, not \"%s\"", type), NULL);
	return true;
}

/* ---- update ---- */

MachineRow *
machine_update(const ApiCall *call, const char *name_or_arn, const MachineSettings *settings,
			   RevisionRow **revision_out)
{
	MachineRow *machine = api_machine(call, name_or_arn, MACHINE_MANAGE);
	RevisionRow *current;
	RevisionRow *revision;
	TimestampTz now = sfn_now();

	if (strcmp(machine->status, "ACTIVE") != 0)
		api_error(call, API_STATE_MACHINE_DELETING, machine_arn(machine->name), machine->name, NULL);
	if (settings->definition == NULL && !OidIsValid(settings->role) && settings->role_arn == NULL &&
		settings->logging == NULL && settings->tracing == NULL)
		api_error(
			call, API_MISSING_REQUIRED_PARAMETER,
			"Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified",
			"nothing to update: give a definition, a role or a logging configuration", NULL);

	if (settings->definition != NULL)
		require_valid_definition(call, machine->name, settings->definition, machine->is_express);

	machine_lock(machine);
	current = revision_by_id(machine->revision_id);
	revision = palloc(sizeof(RevisionRow));
	*revision = *current;
	if (OidIsValid(settings->role))
		revision->role = check_role(call, settings->role);
	settings_to_revision(call, settings, revision);

	if (revision_equal(current, revision))
		machine_touch(machine->id, now);
	else
	{
		revision->creation_date = now;
		machine_add_revision(machine, revision, now);
	}
	machine->update_date = now;
	if (revision_out != NULL)
		*revision_out = revision;
	return machine;
}

/* ---- describe and delete ---- */

void
machine_describe(const ApiCall *call, const char *name_or_arn, MachineDescription *description)
{
	MachineRow *machine = api_qualified_machine(call, call->scope.caller, name_or_arn, MACHINE_SEE);

	if (machine->alias != NULL)
		api_error(call, API_STATE_MACHINE_DOES_NOT_EXIST,
				  arn_looks_like(name_or_arn) ? name_or_arn : machine_arn(name_or_arn), name_or_arn, NULL);
	description->row = machine;
	description->revision = revision_by_id(machine->revision_id);
	description->arn = machine_arn(machine->name);
	description->description = NULL;
	description->creation_date = machine->creation_date;
	if (machine->version != 0)
	{
		VersionRow *version = version_find(machine->id, machine->version);

		description->arn = version_arn(machine->name, machine->version);
		description->description = version->description[0] != '\0' ? version->description : NULL;
		description->creation_date = version->creation_date;
	}
}

/*
 * Starts no more executions; those under way end at their next transition.  A
 * machine with none is gone at once; else the executor that ends the last one
 * says so.  Deleting what is not there is no error for AWS.
 */
void
machine_delete(const ApiCall *call, const char *name_or_arn)
{
	MachineRow *machine;

	if (call->style == API_AWS && api_find_machine(call, name_or_arn) == NULL)
		return;
	machine = api_machine(call, name_or_arn, MACHINE_MANAGE);
	if (strcmp(machine->status, "ACTIVE") != 0)
		return;
	if (execution_count_open(machine->id) == 0)
		machine_set_status(machine->id, "DELETED");
	else
	{
		machine_set_status(machine->id, "DELETING");
		inbox_insert_machine_deleted(machine->id, sfn_now());
	}
}

const JsonVal *
logging_shown(const RevisionRow *revision)
{
	return revision->logging != NULL ? parse_stored(revision->logging) : logging_default();
}

const JsonVal *
tracing_shown(const RevisionRow *revision)
{
	return revision->tracing != NULL ? parse_stored(revision->tracing) : tracing_default();
}
