/*
 * state_machines.c
 *	  Making, changing, describing and deleting state machines.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"

#include "actions/checks.h"
#include "actions/grants.h"
#include "actions/machine_settings.h"
#include "actions/resources.h"
#include "actions/state_machines.h"
#include "actions/tags.h"
#include "actions/versions.h"
#include "asl/compile.h"
#include "engine/engine.h"
#include "settings/clock.h"
#include "settings/compat.h"
#include "settings/guc.h"
#include "store/instance.h"
#include "store/owner_rule.h"
#include "store/trust.h"

#define ROLE_ARN_MAX_LENGTH 256

static bool machine_store(ActionCall *call, MachineRow *machine, RevisionRow *revision, const JsonVal *tags,
						  bool *is_stored);
static MachineRow *machine_again(ActionCall *call, MachineRow *existing, const MachineRow *machine,
								 const RevisionRow *revision, const MachineSettings *settings, bool replace);
static bool check_replaceable(ActionCall *call, const MachineRow *existing, const MachineRow *machine);
static RevisionRow *update_locked(ActionCall *call, MachineRow *machine, const MachineSettings *settings);
static bool change_role(ActionCall *call, const MachineRow *machine, const MachineSettings *settings,
						RevisionRow *revision);
static bool finish_deletion(const MachineRow *machine);
static bool check_definition(ActionCall *call, const char *name, const char *definition, bool is_express);
static bool check_role(ActionCall *call, Oid given, Oid *role);
static bool settings_to_revision(ActionCall *call, const MachineSettings *settings, RevisionRow *revision);
static bool revision_equal(const RevisionRow *a, const RevisionRow *b, bool is_jsonb);

/* ---- create ---- */

MachineRow *
machine_create(ActionCall *call, const char *name, bool is_express, const MachineSettings *settings, bool replace)
{
	MachineRow *existing;
	RevisionRow revision = {0};
	MachineRow *machine = palloc0(sizeof(MachineRow));
	bool is_stored;

	if (!check_name(call, name, "a state machine") || !check_definition(call, name, settings->definition, is_express) ||
		!check_role(call, settings->role, &revision.role) || !settings_to_revision(call, settings, &revision))
		return NULL;
	revision.creation_date = sfn_now();

	machine->name = pstrdup(name);
	machine->is_express = is_express;
	machine->role = revision.role;
	machine->creator = call->scope.caller;
	machine->creation_date = revision.creation_date;

	instance_claim_if_empty();
	if (!machine_store(call, machine, &revision, settings->tags, &is_stored))
		return NULL;
	if (is_stored)
		return machine;

	existing = machine_by_name(name);
	if (existing != NULL && finish_deletion(existing))
	{
		if (!machine_store(call, machine, &revision, settings->tags, &is_stored))
			return NULL;
		if (is_stored)
			return machine;
	}
	return machine_again(call, existing, machine, &revision, settings, replace);
}

/* The machine that has the name already: updated, or the same; existing NULL: it cannot be seen yet. */
static MachineRow *
machine_again(ActionCall *call, MachineRow *existing, const MachineRow *machine, const RevisionRow *revision,
			  const MachineSettings *settings, bool replace)
{
	const char *arn = machine_arn(machine->name);

	if (existing == NULL)
		return action_fail_null(call, API_STATE_MACHINE_ALREADY_EXISTS, arn, machine->name);
	if (!require_active(call, existing))
		return NULL;
	if (replace && existing->is_express == machine->is_express)
	{
		if (!action_lock_machine(call, existing, settings_privilege(settings->settings)) ||
			!check_replaceable(call, existing, machine) || update_locked(call, existing, settings) == NULL ||
			(settings->tags != NULL && !tags_add(call, (TagOwner){TAGS_OF_MACHINE, existing->id}, settings->tags)))
			return NULL;
		return existing;
	}
	if (existing->is_express != machine->is_express || existing->role != machine->role ||
		!revision_equal(revision_by_id(existing->revision_id), revision, settings->is_jsonb))
		return action_fail_null(call, API_STATE_MACHINE_ALREADY_EXISTS, arn, machine->name);
	return existing;
}

/* Is the machine, locked, one whose role the caller means? */
static bool
check_replaceable(ActionCall *call, const MachineRow *existing, const MachineRow *machine)
{
	const char *creator = GetUserNameFromId(existing->creator, true);
	const char *owner = GetUserNameFromId(existing->role, true);

	return owner_admits_replacing(existing->role, call->scope.caller, machine->role) ||
		action_fail_with_detail(call, API_STATE_MACHINE_OF_ANOTHER,
								psprintf("It was created by role \"%s\".", creator != NULL ? creator : "(dropped)"),
								existing->name, owner != NULL ? owner : "(dropped)",
								quote_literal_cstr(quote_identifier(GetUserNameFromId(machine->role, false))),
								quote_literal_cstr(existing->name));
}

/* Stores a new machine with its tags; *is_stored false: the name is taken. */
static bool
machine_store(ActionCall *call, MachineRow *machine, RevisionRow *revision, const JsonVal *tags, bool *is_stored)
{
	*is_stored = machine_insert(machine, revision);
	return !*is_stored || tags == NULL || tags_add(call, (TagOwner){TAGS_OF_MACHINE, machine->id}, tags);
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

bool
definition_refuse(ActionCall *call, const char *name, const DiagnosticList *problems)
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
	return action_fail_with_detail(call, API_INVALID_DEFINITION, detail.data, aws.data, name);
}

/* InvalidDefinition with all problems when there is one. */
static bool
check_definition(ActionCall *call, const char *name, const char *definition, bool is_express)
{
	DiagnosticList problems;

	definition_check(definition, is_express, &problems);
	return problems.error_count == 0 || definition_refuse(call, name, &problems);
}

/* The role given, or the caller, who must be a member of it. */
static bool
check_role(ActionCall *call, Oid given, Oid *role)
{
	*role = OidIsValid(given) ? given : call->scope.caller;
	return !OidIsValid(given) || sfn_member_can_set_role(call->scope.caller, given) ||
		action_fail_with_detail(call, API_NOT_MEMBER_OF_ROLE, "The tasks of a state machine run as its role.",
								GetUserNameFromId(given, false));
}

/* Fills what settings give: definition, ARN of the role (by default made from its name), configurations. */
static bool
settings_to_revision(ActionCall *call, const MachineSettings *settings, RevisionRow *revision)
{
	if (settings->role_arn != NULL &&
		!check_length(call, settings->role_arn, "roleArn", "role_arn", 1, ROLE_ARN_MAX_LENGTH))
		return false;
	if (settings->definition != NULL)
		revision->definition = pstrdup(settings->definition);
	if (settings->role_arn != NULL)
		revision->role_arn = pstrdup(settings->role_arn);
	else if (revision->role_arn == NULL || OidIsValid(settings->role))
		revision->role_arn = role_arn(GetUserNameFromId(revision->role, false));
	return settings_check(call, settings->settings, revision);
}

static bool
definition_equal(const char *a, const char *b, bool is_jsonb)
{
	JvParseError error;
	const JsonVal *value;
	const JsonVal *other;

	if (strcmp(a, b) == 0)
		return true;
	if (!is_jsonb)
		return false;
	value = jv_parse(a, (int) strlen(a), &error);
	other = jv_parse(b, (int) strlen(b), &error);
	return value != NULL && other != NULL && jv_equal(value, other);
}

/* Are these the same for a caller who makes a machine again? */
static bool
revision_equal(const RevisionRow *a, const RevisionRow *b, bool is_jsonb)
{
	return a->role == b->role && definition_equal(a->definition, b->definition, is_jsonb) &&
		strcmp(a->role_arn, b->role_arn) == 0 && settings_equal(a, b);
}

bool
check_type(ActionCall *call, const char *type, bool *is_express)
{
	*is_express = type != NULL && strcmp(type, "EXPRESS") == 0;
	if (type != NULL && !*is_express && strcmp(type, "STANDARD") != 0)
		return action_fail(call, API_CONSTRAINT, psprintf("'%s'", type), "type",
						   "Member must satisfy enum value set: [STANDARD, EXPRESS]",
						   psprintf("type must be STANDARD or EXPRESS, not \"%s\"", type));
	return true;
}

/* ---- update ---- */

MachineRow *
machine_update(ActionCall *call, const char *name_or_arn, const MachineSettings *settings, RevisionRow **revision_out)
{
	MachinePrivilege privilege = settings_privilege(settings->settings);
	MachineRow *machine = action_machine(call, name_or_arn, privilege);
	RevisionRow *revision;

	if (machine == NULL)
		return NULL;
	if (settings->definition == NULL && !OidIsValid(settings->role) && settings->role_arn == NULL &&
		!settings_are_given(settings->settings))
		return action_fail_null(
			call, API_MISSING_REQUIRED_PARAMETER,
			"Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified",
			"nothing to update: give a definition, a role or a setting");

	if (settings->definition != NULL &&
		!check_definition(call, machine->name, settings->definition, machine->is_express))
		return NULL;
	if (!action_lock_machine(call, machine, privilege))
		return NULL;
	revision = update_locked(call, machine, settings);
	if (revision == NULL)
		return NULL;
	if (revision_out != NULL)
		*revision_out = revision;
	return machine;
}

/* The new revision, of a machine whose row is locked. */
static RevisionRow *
update_locked(ActionCall *call, MachineRow *machine, const MachineSettings *settings)
{
	RevisionRow *current;
	RevisionRow *revision = palloc(sizeof(RevisionRow));
	TimestampTz now = sfn_now();

	if (!require_active(call, machine))
		return NULL;
	current = revision_by_id(machine->revision_id);
	*revision = *current;
	if (!change_role(call, machine, settings, revision) || !settings_to_revision(call, settings, revision))
		return NULL;

	if (revision_equal(current, revision, settings->is_jsonb))
		machine_touch(machine->id, now);
	else
	{
		revision->creation_date = now;
		machine_add_revision(machine, revision, now);
	}
	machine->update_date = now;
	return revision;
}

/* A machine is given away by members of its role only; what they have granted does not go with it. */
static bool
change_role(ActionCall *call, const MachineRow *machine, const MachineSettings *settings, RevisionRow *revision)
{
	if (!OidIsValid(settings->role))
		return true;
	if (!check_role(call, settings->role, &revision->role))
		return false;
	if (revision->role == machine->role)
		return true;
	if (!has_privs_of_role(call->scope.caller, machine->role))
		return action_fail_with_detail(call, API_NOT_MEMBER_OF_ROLE,
									   "The role of a state machine is changed by members of it.",
									   GetUserNameFromId(machine->role, false));
	if (!settings->keep_grants)
		machine_end_grants(machine);
	trust_forget(NAME_STATE_MACHINE, machine->id);
	return true;
}

/* ---- describe and delete ---- */

bool
machine_describe(ActionCall *call, const char *name_or_arn, MachineDescription *description)
{
	MachineRow *machine = action_qualified_machine(call, call->scope.caller, name_or_arn, MACHINE_SEE);

	if (machine == NULL)
		return false;
	description->row = machine;
	description->revision = revision_by_id(machine->revision_id);
	description->arn = machine_arn(machine->name);
	description->description = NULL;
	description->creation_date = machine->creation_date;
	if (machine->version != 0)
	{
		VersionRow *version = version_find(machine->id, machine->version);

		description->arn = machine->alias != NULL ? alias_arn(machine->name, machine->alias)
												  : version_arn(machine->name, machine->version);
		description->description = version->description[0] != '\0' ? version->description : NULL;
		description->creation_date = version->creation_date;
	}
	return true;
}

/*
 * Starts no more executions; those under way end at their next transition.  A
 * machine with none is gone at once; else the executor that ends the last one
 * says so.  Deleting what is not there is no error for AWS.
 */
bool
machine_delete(ActionCall *call, const char *name_or_arn)
{
	MachineRow *machine;

	if (call->style == ACTION_AWS)
	{
		if (!action_find_machine(call, name_or_arn, &machine))
			return false;
		if (machine == NULL)
			return true;
	}
	machine = action_machine(call, name_or_arn, MACHINE_MANAGE);
	if (machine == NULL || !action_lock_machine(call, machine, MACHINE_MANAGE))
		return false;
	if (strcmp(machine->status, "ACTIVE") != 0)
		return true;
	trust_forget(NAME_STATE_MACHINE, machine->id);
	if (execution_count_open(machine->id) == 0)
		machine_set_status(machine->id, "DELETED");
	else
	{
		machine_set_status(machine->id, "DELETING");
		inbox_insert_machine_deleted(machine->id, sfn_now());
	}
	return true;
}
