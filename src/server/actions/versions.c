/*
 * versions.c
 *	  Versions and aliases of state machines.
 *
 * Whoever publishes, deletes or routes holds the machine's row, so that an alias
 * never names a version that is gone.
 */
#include "postgres.h"

#include "common/pg_prng.h"
#include "common/string.h"
#include "mb/pg_wchar.h"
#include "utils/acl.h"

#include "actions/checks.h"
#include "actions/machine_names.h"
#include "actions/versions.h"
#include "settings/clock.h"

#define MAX_VERSIONS 1000
#define MAX_ALIASES 100
#define ALIAS_NAME_LENGTH 80
#define ALIAS_NAME_PATTERN "^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$"
#define DESCRIPTION_LENGTH 256

static bool route_alias(ActionCall *call, const JsonVal *routing, MachineAlias *target);

/* ---- names ---- */

/* The number that a qualifier is, or 0: it is an alias. */
static int32
version_number(const char *qualifier)
{
	char *end;
	int number;

	if (qualifier == NULL || qualifier[strspn(qualifier, "0123456789")] != '\0' || qualifier[0] == '0')
		return 0;
	errno = 0;
	number = strtoint(qualifier, &end, 10);
	return errno == 0 ? number : 0;
}

/* Gives the machine the revision of a version, or of the one that an alias draws; false: there is none. */
static bool
qualify(MachineRow *machine, const char *qualifier)
{
	int32 number = version_number(qualifier);
	VersionRow *version;

	if (number == 0)
	{
		AliasRow *alias = alias_find(machine->id, qualifier);

		if (alias == NULL)
			return false;
		number = alias->first_version;
		if (alias->second_version != 0 && pg_prng_double(&pg_global_prng_state) * 100 >= alias->first_weight)
			number = alias->second_version;
		machine->alias = alias->name;
	}
	version = version_find(machine->id, number);
	if (version == NULL)
		return false;
	machine->version = number;
	machine->revision_id = version->revision_id;
	return true;
}

/* The machine, without asking the tables, for a member of its role who has named it so before; or NULL. */
static MachineRow *
known_machine(ActionCall *call, Oid role, const char *text)
{
	bool is_arn = arn_looks_like(text);
	const NamedMachine *known = is_arn || call->style == ACTION_SQL ? machine_names_find(text) : NULL;
	MachineRow *machine;

	if (known == NULL || !is_member_of_role(role, known->role))
		return NULL;
	machine = palloc0(sizeof(MachineRow));
	machine->id = known->id;
	machine->name = pstrdup(is_arn ? strrchr(text, ':') + 1 : text);
	machine->is_express = known->is_express;
	machine->status = "ACTIVE";
	machine->role = known->role;
	machine->revision_id = known->revision_id;
	return machine;
}

static MachineRow *
machine_to_start(ActionCall *call, Oid role, const char *text)
{
	MachineRow *machine = known_machine(call, role, text);
	uint64 moment;

	if (machine != NULL)
		return machine;
	moment = machine_names_moment();
	machine = action_machine_for(call, role, text, MACHINE_START);
	if (machine != NULL && strcmp(machine->status, "ACTIVE") == 0)
	{
		NamedMachine named = {.id = machine->id,
							  .revision_id = machine->revision_id,
							  .role = machine->role,
							  .is_express = machine->is_express};

		machine_names_keep(text, &named, moment);
	}
	return machine;
}

MachineRow *
action_qualified_machine(ActionCall *call, Oid role, const char *text, MachinePrivilege privilege)
{
	const char *qualifier;
	const char *name;
	MachineRow *machine;

	if (!action_machine_reference(call, text, &name, &qualifier))
		return NULL;
	if (qualifier == NULL)
		return privilege == MACHINE_START ? machine_to_start(call, role, text)
										  : action_machine_for(call, role, text, privilege);
	machine = name != NULL ? machine_by_name(name) : NULL;
	if (machine != NULL && !require_machine_privilege(call, machine, role, privilege))
		return NULL;
	if (machine == NULL || !qualify(machine, qualifier))
		return fail_no_machine(call, text);
	return machine;
}

bool
check_description(ActionCall *call, const char *description, const char *member)
{
	return description == NULL || check_length(call, description, member, "description", 0, DESCRIPTION_LENGTH);
}

/* ---- versions ---- */

VersionRow *
version_publish(ActionCall *call, MachineRow *machine, const char *revision, const char *description)
{
	VersionRow *version;

	if (!check_description(call, description, "description"))
		return NULL;
	machine_lock(machine);
	if (!require_active(call, machine))
		return NULL;
	if (revision != NULL)
	{
		const char *current = revision_is_first(machine->id, machine->revision_id)
			? "INITIAL"
			: revision_by_id(machine->revision_id)->revision_uuid;

		if (strcmp(current, revision) != 0)
			return action_fail_null(call, API_CONFLICT,
									psprintf("Failed to publish the State Machine version for revision %s."
											 " The current State Machine revision is %s.",
											 revision, current),
									psprintf("revision %s of state machine \"%s\" is not the current one, which is %s",
											 revision, machine->name, current),
									"");
	}

	version = version_of_revision(machine->id, machine->revision_id);
	if (version != NULL)
		return version;
	if (version_count(machine->id) >= MAX_VERSIONS)
		return action_fail_null(call, API_SERVICE_QUOTA_EXCEEDED,
								psprintf("The maximum number of versions per state machine (%d) has been reached.",
										 MAX_VERSIONS),
								psprintf("state machine \"%s\" has %d versions, and more are not allowed",
										 machine->name, MAX_VERSIONS),
								"Delete versions that nobody uses: sfn.delete_state_machine_version().");
	return version_insert(machine->id, machine->revision_id, description != NULL ? description : "", sfn_now());
}

/* The machine whose version or alias a text names; NULL: there is none.  *qualifier is what stands behind the colon. */
static SFN_MUST_CHECK bool
qualified_by(ActionCall *call, const char *text, MachinePrivilege privilege, MachineRow **machine,
			 const char **qualifier)
{
	const char *name;

	if (!action_machine_reference(call, text, &name, qualifier))
		return false;
	*machine = name != NULL ? machine_by_name(name) : NULL;
	if (*qualifier == NULL)
		return fail_arn_type(call, text, text, "a version or alias", version_arn("NAME", 1));
	return *machine == NULL || require_machine_privilege(call, *machine, call->scope.caller, privilege);
}

bool
version_remove(ActionCall *call, const char *text)
{
	const char *qualifier;
	MachineRow *machine;
	int32 number;
	AliasRow *aliases;
	int alias_total;
	StringInfoData names;

	if (!qualified_by(call, text, MACHINE_MANAGE, &machine, &qualifier))
		return false;
	number = version_number(qualifier);
	if (machine != NULL)
		machine_lock(machine);
	if (machine == NULL || number == 0 || version_find(machine->id, number) == NULL)
		return call->style == ACTION_AWS || action_fail(call, API_RESOURCE_NOT_FOUND, text);

	alias_total = alias_list(machine->id, number, NULL, MAX_ALIASES, &aliases);
	initStringInfo(&names);
	for (int i = 0; i < alias_total; i++)
		appendStringInfo(&names, "%s%s", i > 0 ? ", " : "", aliases[i].name);
	if (alias_total > 0)
		return action_fail(call, API_CONFLICT,
						   psprintf("Version to be deleted must not be referenced by an alias."
									" Current list of aliases referencing this version: [%s]",
									names.data),
						   psprintf("version %d of state machine \"%s\" is named by aliases: %s", number, machine->name,
									names.data),
						   "Have them name other versions first: sfn.update_state_machine_alias().");
	version_delete(machine->id, number);
	return true;
}

/* ---- routing ---- */

/* One item of a routing configuration, read. */
typedef struct Route
{
	const char *text; /* as given */
	const char *machine_name;
	int32 version; /* 0: it names none */
	int64 weight;
} Route;

static bool
routing_error(ActionCall *call, const char *text, const JsonVal *routing)
{
	StringInfoData arns;

	initStringInfo(&arns);
	for (int i = 0; i < routing->count; i++)
	{
		const char *arn = jv_get_string(routing->u.items[i], "stateMachineVersionArn");

		appendStringInfo(&arns, "%s%s", i > 0 ? ", " : "", arn != NULL ? arn : "");
	}
	return action_fail(call, API_VALIDATION,
					   psprintf("Routing configuration must contain %s. Received: [%s]", text, arns.data),
					   psprintf("routing configuration must contain %s, not %s", text, arns.data));
}

/* A routing configuration as AWS prints it: "[RoutingConfigurationListItem(stateMachineVersionArn=..., weight=50)]". */
static char *
routing_as_aws(const JsonVal *routing)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < routing->count; i++)
	{
		const JsonVal *item = routing->u.items[i];
		const char *arn = jv_get_string(item, "stateMachineVersionArn");
		const JsonVal *weight = jv_get(item, "weight");

		appendStringInfo(&text, "%sRoutingConfigurationListItem(stateMachineVersionArn=%s, weight=%s)",
						 i > 0 ? ", " : "", arn != NULL ? arn : "null", weight != NULL ? jv_to_text(weight) : "null");
	}
	return psprintf("[%s]", text.data);
}

static SFN_MUST_CHECK bool
read_route(ActionCall *call, const JsonVal *item, Route *route)
{
	const JsonVal *weight = jv_get(item, "weight");
	const char *qualifier;

	route->text = jv_get_string(item, "stateMachineVersionArn");
	if (!jv_is(item, JV_OBJECT) || route->text == NULL || weight == NULL || !jv_to_int64(weight, &route->weight))
		return action_fail(
			call, API_SERIALIZATION,
			"An item of routingConfiguration has the members stateMachineVersionArn, a string, and weight, an integer");
	if (route->weight < 0 || route->weight > 100)
		return action_fail(call, API_CONSTRAINT, psprintf("'" INT64_FORMAT "'", route->weight),
						   "routingConfiguration.1.member.weight",
						   route->weight < 0 ? "Member must have value greater than or equal to 0"
											 : "Member must have value less than or equal to 100",
						   psprintf("the weight of a version is between 0 and 100, not " INT64_FORMAT, route->weight));
	if (!action_machine_reference(call, route->text, &route->machine_name, &qualifier))
		return false;
	route->version = version_number(qualifier);
	return true;
}

/* What two routes must be to each other. */
static SFN_MUST_CHECK bool
check_routes(ActionCall *call, const JsonVal *routing, const Route *routes)
{
	for (int i = 0; i < routing->count; i++)
		if (routes[i].version == 0)
			return routing_error(call, "state machine version ARNs", routing);
	if (routing->count == 2 &&
		strcmp(routes[0].machine_name ? routes[0].machine_name : "",
			   routes[1].machine_name ? routes[1].machine_name : "") != 0)
		return routing_error(call, "version ARNs of the same state machine", routing);
	if (routing->count == 2 && routes[0].version == routes[1].version)
		return routing_error(call, "distinct state machine version ARNs", routing);
	if (routes[0].weight + routes[1].weight != 100)
		return action_fail(call, API_VALIDATION,
						   psprintf("Sum of routing configuration weights must equal 100. Received: [" INT64_FORMAT
									"%s]",
									routes[0].weight,
									routing->count == 2 ? psprintf(", " INT64_FORMAT, routes[1].weight) : ""),
						   psprintf("the weights of a routing configuration add up to 100, not " INT64_FORMAT,
									routes[0].weight + routes[1].weight));
	return true;
}

/* Reads a routing configuration into the target: the alias's versions, and the machine, locked. */
static bool
route_alias(ActionCall *call, const JsonVal *routing, MachineAlias *target)
{
	Route routes[2] = {{0}};
	MachineRow *machine;

	if (routing->count < 1 || routing->count > 2)
		return action_fail(call, API_CONSTRAINT, psprintf("'%s'", routing_as_aws(routing)), "routingConfiguration",
						   routing->count < 1 ? "Member must have length greater than or equal to 1"
											  : "Member must have length less than or equal to 2",
						   "a routing configuration names one version or two");
	for (int i = 0; i < routing->count; i++)
		if (!read_route(call, routing->u.items[i], &routes[i]))
			return false;
	if (!check_routes(call, routing, routes))
		return false;

	machine = routes[0].machine_name != NULL ? machine_by_name(routes[0].machine_name) : NULL;
	if (machine == NULL)
		return action_fail(call, API_RESOURCE_NOT_FOUND, routes[0].text);
	if (target->machine != NULL && target->machine->id != machine->id)
		return routing_error(call, "version ARNs of the same state machine", routing);
	if (!require_machine_privilege(call, machine, call->scope.caller, MACHINE_MANAGE))
		return false;
	machine_lock(machine);
	if (!require_active(call, machine))
		return false;
	for (int i = 0; i < routing->count; i++)
		if (version_find(machine->id, routes[i].version) == NULL)
			return action_fail(call, API_RESOURCE_NOT_FOUND, routes[i].text);

	target->machine = machine;
	target->alias->first_version = routes[0].version;
	target->alias->first_weight = (int32) routes[0].weight;
	target->alias->second_version = routes[1].version;
	return true;
}

const JsonVal *
alias_routing(const MachineAlias *alias)
{
	int32 versions[2] = {alias->alias->first_version, alias->alias->second_version};
	int32 weights[2] = {alias->alias->first_weight, 100 - alias->alias->first_weight};
	JvArrayBuilder list;

	jv_array_begin(&list);
	for (int i = 0; i < 2 && versions[i] != 0; i++)
	{
		JvObjectBuilder item;

		jv_object_begin(&item);
		jv_object_add(&item, "stateMachineVersionArn", jv_string(version_arn(alias->machine->name, versions[i])));
		jv_object_add(&item, "weight", jv_int(weights[i]));
		jv_array_add(&list, jv_object_end(&item));
	}
	return jv_array_end(&list);
}

/* ---- aliases ---- */

static SFN_MUST_CHECK bool
check_alias_name(ActionCall *call, const char *name)
{
	bool has_other = false;
	bool is_valid = true;

	if (!check_length(call, name, "name", "the name of an alias", 1, ALIAS_NAME_LENGTH))
		return false;
	for (const char *c = name; *c != '\0'; c++)
	{
		bool is_digit = *c >= '0' && *c <= '9';
		bool is_letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z');

		has_other |= !is_digit;
		is_valid &= is_digit || is_letter || *c == '_' || *c == '-' || *c == '.';
	}
	if (!is_valid || !has_other)
		return action_fail(call, API_CONSTRAINT, psprintf("'%s'", name), "name",
						   "Member must satisfy regular expression pattern: " ALIAS_NAME_PATTERN,
						   psprintf("invalid name of an alias: \"%s\"", name));
	return true;
}

bool
alias_create(ActionCall *call, const char *name, const JsonVal *routing, const char *description, MachineAlias *made)
{
	AliasRow *alias = palloc0(sizeof(AliasRow));
	AliasRow *existing;

	if (!check_alias_name(call, name) || !check_description(call, description, "description"))
		return false;
	alias->name = pstrdup(name);
	alias->description = pstrdup(description != NULL ? description : "");
	alias->creation_date = alias->update_date = sfn_now();
	made->machine = NULL;
	made->alias = alias;
	if (!route_alias(call, routing, made))
		return false;

	existing = alias_find(made->machine->id, name);
	if (existing == NULL && alias_count(made->machine->id) >= MAX_ALIASES)
		return action_fail(call, API_SERVICE_QUOTA_EXCEEDED,
						   psprintf("The maximum number of aliases per state machine (%d) has been reached.",
									MAX_ALIASES),
						   psprintf("state machine \"%s\" has %d aliases, and more are not allowed",
									made->machine->name, MAX_ALIASES),
						   "Delete aliases that nobody uses: sfn.delete_state_machine_alias().");
	if (existing == NULL)
	{
		(void) alias_insert(made->machine->id, alias);
		return true;
	}
	if (existing->first_version != alias->first_version || existing->first_weight != alias->first_weight ||
		existing->second_version != alias->second_version || strcmp(existing->description, alias->description) != 0)
		return action_fail(
			call, API_CONFLICT,
			"Failed to create alias because an alias with the same name and a different routing configuration already exists.",
			psprintf("alias \"%s\" of state machine \"%s\" already exists with other settings", name,
					 made->machine->name),
			"sfn.update_state_machine_alias() changes it.");
	made->alias = existing;
	return true;
}

/* The alias that a text names; or one without alias. */
static SFN_MUST_CHECK bool
find_alias(ActionCall *call, const char *text, MachinePrivilege privilege, MachineAlias *found)
{
	const char *qualifier;

	found->alias = NULL;
	if (!qualified_by(call, text, privilege, &found->machine, &qualifier))
		return false;
	if (found->machine != NULL)
		found->alias = alias_find(found->machine->id, qualifier);
	return true;
}

static SFN_MUST_CHECK bool
existing_alias(ActionCall *call, const char *text, MachinePrivilege privilege, MachineAlias *found)
{
	return find_alias(call, text, privilege, found) &&
		(found->alias != NULL || action_fail(call, API_ALIAS_NOT_FOUND, text));
}

bool
alias_change(ActionCall *call, const char *text, const JsonVal *routing, const char *description, MachineAlias *changed)
{
	if (!existing_alias(call, text, MACHINE_MANAGE, changed))
		return false;
	if (routing == NULL && description == NULL)
		return action_fail(call, API_VALIDATION, "Either the description or the RoutingConfiguration must be specified",
						   "nothing to update: give a routing configuration or a description");
	machine_lock(changed->machine);
	if (!existing_alias(call, text, MACHINE_MANAGE, changed) || !check_description(call, description, "description"))
		return false;
	if (description != NULL)
		changed->alias->description = pstrdup(description);
	if (routing != NULL && !route_alias(call, routing, changed))
		return false;
	changed->alias->update_date = sfn_now();
	alias_update(changed->machine->id, changed->alias);
	return true;
}

bool
alias_describe(ActionCall *call, const char *text, MachineAlias *found)
{
	return existing_alias(call, text, MACHINE_SEE, found);
}

/* Deleting what is not there is no error for AWS. */
bool
alias_remove(ActionCall *call, const char *text)
{
	MachineAlias found;

	if (!find_alias(call, text, MACHINE_MANAGE, &found))
		return false;
	if (found.alias == NULL)
		return call->style == ACTION_AWS || action_fail(call, API_RESOURCE_NOT_FOUND, text);
	(void) alias_delete(found.machine->id, found.alias->name);
	return true;
}

bool
aliases_of(ActionCall *call, const char *text, const char *after, int max, MachineRow **machine, AliasRow **aliases,
		   int *count)
{
	*machine = action_qualified_machine(call, call->scope.caller, text, MACHINE_SEE);
	if (*machine == NULL)
		return false;
	if ((*machine)->alias != NULL)
		return fail_no_machine(call, text) != NULL;
	*count = alias_list((*machine)->id, (*machine)->version, after, max, aliases);
	return true;
}
