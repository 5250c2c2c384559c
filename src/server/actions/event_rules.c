/*
 * event_rules.c
 *	  Event buses, rules and their targets: making, changing, deleting.
 *
 * Anybody makes rules, on any bus: a rule gets what its owner may see (event_delivery.c).
 * What a target does is done as its role, of which whoever sets it is a member.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"

#include "actions/checks.h"
#include "actions/event_dead_letters.h"
#include "actions/event_delivery.h"
#include "actions/event_patterns.h"
#include "actions/event_rule_cache.h"
#include "actions/event_rules.h"
#include "actions/resources.h"
#include "actions/rule_bounds.h"
#include "actions/schedule_runs.h"
#include "actions/state_machines.h"
#include "actions/versions.h"
#include "settings/clock.h"
#include "settings/compat.h"
#include "settings/guc.h"
#include "store/event_archives.h"
#include "store/instance.h"
#include "store/owner_rule.h"

#define MAX_NAME 64
#define MAX_BUS_NAME 256
#define MAX_TARGET_INPUT 8192
#define MAX_INPUT_PATH 256
#define MAX_TARGETS_TEXT 1600
#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

static SFN_MUST_CHECK bool
check_words(ActionCall *call, const char *text, const char *what, size_t max)
{
	size_t length = strlen(text);

	return (length > 0 && length <= max && strspn(text, NAME_CHARACTERS) == length) ||
		action_invalid(
			   call,
			   psprintf("invalid name of %s: \"%s\" must have 1 to %d letters, digits, dots, hyphens or underscores",
						what, text, (int) max));
}

bool
check_event_name(ActionCall *call, const char *text, const char *what)
{
	return check_words(call, text, what, MAX_NAME);
}

/* Deleting what is not there is no error for AWS. */
static bool
is_of_aws(const ActionCall *call, ApiErrorId missing)
{
	return call->style == ACTION_AWS && call->error.id == missing;
}

/* ---- buses ---- */

static SFN_MUST_CHECK BusRow *
find_bus(ActionCall *call, const char *name_or_arn, BusRow *(*find)(const char *name))
{
	const char *name = arn_looks_like(name_or_arn) ? event_target_name(name_or_arn) : name_or_arn;
	BusRow *bus = find(name);

	return bus != NULL ? bus : action_fail_null(call, API_EVENT_BUS_DOES_NOT_EXIST, name);
}

BusRow *
bus_to_archive(ActionCall *call, const char *name_or_arn)
{
	if (strncmp(name_or_arn, TOPIC_BUS_PREFIX, strlen(TOPIC_BUS_PREFIX)) == 0)
		return action_fail_null(call, API_EVENT_BUS_DOES_NOT_EXIST, name_or_arn);
	return find_bus(call, name_or_arn, bus_by_name);
}

bool
bus_is_own(const BusRow *bus, Oid role)
{
	return OidIsValid(bus->owner) ? has_privs_of_role(role, bus->owner) : superuser_arg(role);
}

BusRow *
bus_find_own(ActionCall *call, const char *name)
{
	BusRow *bus = find_bus(call, name, bus_lock);

	if (bus == NULL || bus_is_own(bus, call->scope.caller))
		return bus;
	(void) fail_owned(call, psprintf("event bus \"%s\"", bus->name), bus->owner);
	return NULL;
}

bool
bus_create(ActionCall *call, const char *name, const char *description)
{
	if (!check_words(call, name, "an event bus", MAX_BUS_NAME) || !check_long_description(call, description))
		return false;
	instance_claim_if_empty();
	return (strcmp(name, DEFAULT_BUS) != 0 && bus_insert(name, call->scope.caller, description)) ||
		action_fail(call, API_EVENT_BUS_ALREADY_EXISTS, name);
}

bool
bus_change(ActionCall *call, const char *name, const char *description)
{
	BusRow *bus = bus_find_own(call, name);

	if (bus == NULL || !check_long_description(call, description))
		return false;
	bus_describe_as(bus->id, description);
	return true;
}

bool
bus_drop(ActionCall *call, const char *name)
{
	BusRow *bus;

	if (strcmp(name, DEFAULT_BUS) == 0)
		return action_fail(call, API_VALIDATION, "Cannot delete event bus default.",
						   "the default event bus cannot be deleted");
	bus = bus_find_own(call, name);
	if (bus == NULL)
		return is_of_aws(call, API_EVENT_BUS_DOES_NOT_EXIST);
	bus_delete(bus->id); /* first: nobody can make a rule or an archive of it then */
	if (!bus_has_rules(bus->id) && !bus_has_archives(bus->id))
		return true;
	return action_invalid(call,
						  psprintf("event bus \"%s\" cannot be deleted since rules or archives are associated with it",
								   bus->name));
}

static SFN_MUST_CHECK bool
read_privilege(ActionCall *call, const char *text, BusPrivilege *privilege)
{
	for (*privilege = 0; *privilege < BUS_PRIVILEGES; (*privilege)++)
	{
		if (strcmp(text, bus_privilege_name(*privilege)) == 0)
			return true;
	}
	return action_invalid(call, psprintf("privilege must be put, subscribe or put_aws, not \"%s\"", text));
}

bool
bus_change_grant(ActionCall *call, const char *name, Oid role, const char *privilege, bool is_grant)
{
	BusPrivilege which;
	BusRow *bus;

	if (!read_privilege(call, privilege, &which) || (bus = bus_find_own(call, name)) == NULL)
		return false;
	if (is_grant && GetUserNameFromId(role, true) == NULL)
		return action_invalid(call, "role must be a role");
	if (is_grant)
		bus_grant(bus->id, role, which);
	else
		(void) bus_revoke(bus->id, role, which);
	return true;
}

/* ---- rules ---- */

/* "arn:aws:events:us-east-1:000000000000:rule/bus/name", "bus/name" or "name".  A topic's bus has a slash in its name. */
static void
split_rule_name(const char *text, const char **bus, const char **name)
{
	const char *start = arn_looks_like(text) ? strstr(text, ":rule/") : NULL;
	const char *slash;

	start = start != NULL ? start + strlen(":rule/") : text;
	slash = strrchr(start, '/');
	*bus = slash != NULL && slash > start ? pnstrdup(start, slash - start) : DEFAULT_BUS;
	*name = slash != NULL ? slash + 1 : start;
}

/* The rule of the caller, as the store has found it. */
static SFN_MUST_CHECK RuleRow *
own_rule(ActionCall *call, const char *text, RuleRow *(*find)(const char *bus, const char *name))
{
	const char *bus;
	const char *name;
	RuleRow *rule;

	split_rule_name(text, &bus, &name);
	rule = find(bus, name);
	if (rule == NULL)
		return action_fail_null(call, API_RULE_DOES_NOT_EXIST, name, bus);
	if (has_privs_of_role(call->scope.caller, rule->owner))
		return rule;
	(void) fail_owned(call, psprintf("rule \"%s\"", name), rule->owner);
	return NULL;
}

static SFN_MUST_CHECK RuleRow *
lock_rule(ActionCall *call, const char *text)
{
	return own_rule(call, text, rule_lock);
}

RuleRow *
rule_describe(ActionCall *call, const char *text)
{
	return own_rule(call, text, rule_read);
}

/* The name is taken: the caller's rule is changed if he says so. */
static SFN_MUST_CHECK bool
replace_rule(ActionCall *call, RuleRow *rule, bool replace)
{
	RuleRow *existing = rule_lock(rule->bus, rule->name);

	if (existing == NULL || !replace)
		return action_fail(call, API_RULE_ALREADY_EXISTS, rule->name);
	if (!owner_admits_replacing(existing->owner, call->scope.caller, rule->owner))
		return fail_owned(call, psprintf("rule \"%s\"", rule->name), existing->owner);
	rule->id = existing->id;
	rule->was_there = true;
	rule_update(rule);
	return true;
}

/* What is published to a topic is for those whom its owner lets subscribe; nobody else is listed with them. */
static SFN_MUST_CHECK bool
check_may_subscribe(ActionCall *call, const BusRow *bus)
{
	size_t prefix = strlen(TOPIC_BUS_PREFIX);

	if (strncmp(bus->name, TOPIC_BUS_PREFIX, prefix) != 0 || bus_is_own(bus, call->scope.caller) ||
		bus_may_put(bus, call->scope.caller, BUS_SUBSCRIBE))
		return true;
	return action_fail(call, API_PERMISSION_DENIED, psprintf("permission denied for topic \"%s\"", bus->name + prefix),
					   psprintf("Its owner gives the privilege: sfn.grant_bus('%s', ..., 'subscribe').", bus->name));
}

BusRow *
bus_to_watch(ActionCall *call, const char *name_or_arn)
{
	const char *name = arn_looks_like(name_or_arn) ? event_target_name(name_or_arn) : name_or_arn;
	BusRow *bus = bus_find(name);

	if (bus == NULL)
		return action_fail_null(call, API_EVENT_BUS_DOES_NOT_EXIST, name);
	return check_may_subscribe(call, bus) ? bus : NULL;
}

bool
rule_create(ActionCall *call, RuleRow *rule, bool replace)
{
	BusRow *bus;

	if (!check_words(call, rule->name, "a rule", MAX_NAME) || !check_long_description(call, rule->description) ||
		(rule->pattern != NULL && event_pattern_read(call, rule->pattern, (int) strlen(rule->pattern)) == NULL))
		return false;
	bus = find_bus(call, rule->bus, bus_by_name);
	if (bus == NULL || !check_may_subscribe(call, bus))
		return false;
	instance_claim_if_empty();
	rule->bus_id = bus->id;
	rule->bus = bus->name;
	rule->owner = call->scope.caller;
	if (rule_insert(rule) ? !rules_are_within_bound(call, rule->owner) : !replace_rule(call, rule, replace))
		return false;
	return rule_clock_set(call, rule);
}

bool
rule_enable(ActionCall *call, const char *name, bool is_enabled)
{
	RuleRow *rule = lock_rule(call, name);

	if (rule == NULL)
		return false;
	rule->is_enabled = is_enabled;
	rule_update(rule);
	return rule_clock_set(call, rule);
}

void
rule_forget(int64 id)
{
	int64 *machines;
	int count = target_machines(id, &machines);

	for (int i = 0; i < count; i++)
		hidden_machine_drop(machines[i]);
	rule_delete(id);
}

bool
rule_drop(ActionCall *call, const char *name)
{
	RuleRow *rule = lock_rule(call, name);

	if (rule == NULL)
		return is_of_aws(call, API_RULE_DOES_NOT_EXIST);
	if (call->style == ACTION_AWS && rule_has_targets(rule->id))
		return action_fail(call, API_VALIDATION, "Rule can't be deleted since it has targets.", "");
	rule_forget(rule->id);
	return true;
}

/* ---- what there is ---- */

BusRow *
bus_describe(ActionCall *call, const char *name_or_arn)
{
	const char *name = arn_looks_like(name_or_arn) ? event_target_name(name_or_arn) : name_or_arn;
	BusRow *bus = bus_read(name);

	return bus != NULL ? bus : action_fail_null(call, API_EVENT_BUS_DOES_NOT_EXIST, name);
}

/* What its owner notes on it is not for everybody who may know that it is there. */
static SFN_MUST_CHECK BusRow *
bus_with_tags(ActionCall *call, const char *name)
{
	BusRow *bus = bus_describe(call, name);
	Oid caller = call->scope.caller;

	if (bus == NULL || bus_is_own(bus, caller) || bus_may_put(bus, caller, BUS_PUT) ||
		bus_is_granted(bus->id, caller, BUS_SUBSCRIBE))
		return bus;
	(void) fail_owned(call, psprintf("event bus \"%s\"", bus->name), bus->owner);
	return NULL;
}

bool
event_tag_owner(ActionCall *call, const char *arn, bool changes, TagOwner *owner)
{
	if (strstr(arn, ":event-bus/") != NULL)
	{
		BusRow *bus = changes ? bus_find_own(call, arn) : bus_with_tags(call, arn);

		*owner = (TagOwner){TAGS_OF_BUS, bus != NULL ? bus->id : 0};
		return bus != NULL;
	}
	else if (strstr(arn, ":rule/") != NULL)
	{
		RuleRow *rule = changes ? lock_rule(call, arn) : rule_describe(call, arn);

		*owner = (TagOwner){TAGS_OF_RULE, rule != NULL ? rule->id : 0};
		return rule != NULL;
	}
	return action_fail(call, API_RESOURCE_NOT_FOUND, arn);
}

/* ---- targets ---- */

/* A name of a state machine becomes its ARN. */
static SFN_MUST_CHECK bool
check_target(ActionCall *call, TargetRow *target)
{
	EventInputSource source = {.path = target->input_path};
	JvParseError error;

	if (!check_words(call, target->id, "a target", MAX_NAME))
		return false;
	if (!arn_looks_like(target->target) && event_target_kind(target->target) == NULL)
		target->target = machine_arn(target->target);
	if (event_target_kind(target->target) == NULL || strlen(target->target) > MAX_TARGETS_TEXT)
		return action_fail(call, API_INVALID_EVENT_TARGET, target->target);
	if (event_target_kind(target->target)->way == TARGET_NOTIFY &&
		strlen(event_target_name(target->target)) >= NAMEDATALEN)
		return action_invalid(call,
							  psprintf("the channel of target \"%s\" is longer than %d bytes", target->id,
									   NAMEDATALEN - 1));
	if (target->input != NULL)
		source.constant = jv_parse(target->input, (int) strlen(target->input), &error);
	if (target->input_transformer != NULL)
		source.transformer = jv_parse(target->input_transformer, (int) strlen(target->input_transformer), &error);
	return event_input_read(call, &source) != NULL;
}

/* Whoever sets it may have that done in the role's name, and so may the owner of what is told, as he is asked each time. */
static SFN_MUST_CHECK bool
check_target_role(ActionCall *call, Oid owner, TargetRow *target)
{
	const EventTargetKind *kind = event_target_kind(target->target);

	if (!OidIsValid(target->role))
		target->role = owner;
	if (!sfn_member_can_set_role(call->scope.caller, target->role))
		return action_fail_with_detail(call, API_NOT_MEMBER_OF_ROLE, "What a target does is done as its role.",
									   GetUserNameFromId(target->role, false));
	if (!sfn_member_can_set_role(owner, target->role))
		return action_fail_with_detail(call, API_NOT_MEMBER_OF_ROLE,
									   psprintf("A target does what the owner may have done: role \"%s\".",
												GetUserNameFromId(owner, false)),
									   GetUserNameFromId(target->role, false));
	return kind->way != TARGET_START ||
		action_qualified_machine(call, target->role, target->target, MACHINE_START) != NULL;
}

bool
target_check(ActionCall *call, Oid owner, TargetRow *target)
{
	return check_target(call, target) && check_target_role(call, owner, target) && dead_letter_queue_take(call, target);
}

bool
target_make_machine(ActionCall *call, const char *name, TargetRow *target)
{
	MachineRow machine = {.is_hidden = true,
						  .name = pstrdup(name),
						  .role = target->role,
						  .creator = call->scope.caller,
						  .creation_date = sfn_now()};
	RevisionRow revision = {.role = target->role,
							.role_arn = role_arn(GetUserNameFromId(target->role, false)),
							.creation_date = machine.creation_date};
	DiagnosticList problems;

	if (!event_target_definition(call, target, &revision.definition))
		return false;
	if (revision.definition == NULL)
		return true;
	definition_check(revision.definition, false, &problems);
	if (problems.error_count > 0)
		return definition_refuse(call, machine.name, &problems);
	if (!machine_insert(&machine, &revision))
		elog(ERROR, "there is a state machine \"%s\" already", machine.name);
	target->machine_id = machine.id;
	return true;
}

static void
forget_target(const RuleRow *rule, const char *target_id, bool *is_found)
{
	int64 machine_id;

	*is_found = target_delete(rule->id, target_id, &machine_id);
	if (*is_found && machine_id != 0)
		hidden_machine_drop(machine_id);
}

/* What a rule's target is told is kept by every process that puts events. */
static SFN_MUST_CHECK bool
check_told(ActionCall *call, const TargetRow *target)
{
	return (target->input == NULL || check_length(call, target->input, "input", "input", 0, MAX_TARGET_INPUT)) &&
		(target->input_path == NULL ||
		 check_length(call, target->input_path, "inputPath", "input_path", 0, MAX_INPUT_PATH));
}

bool
target_set(ActionCall *call, const char *rule_name, TargetRow *target)
{
	RuleRow *rule;
	bool is_found;

	rule = lock_rule(call, rule_name);
	if (rule == NULL || !check_told(call, target) || !target_check(call, rule->owner, target))
		return false;
	forget_target(rule, target->id, &is_found);
	if (!target_make_machine(call, psprintf(RULE_MACHINE_PREFIX "%s/%s/%s", rule->bus, rule->name, target->id), target))
		return false;
	target_insert(rule->id, target);
	return is_found || targets_are_within_bound(call, rule);
}

bool
target_remove(ActionCall *call, const char *rule_name, const char *target_id)
{
	RuleRow *rule = lock_rule(call, rule_name);
	bool is_found;

	if (rule == NULL)
		return false;
	forget_target(rule, target_id, &is_found);
	return is_found || action_fail(call, API_EVENT_TARGET_DOES_NOT_EXIST, target_id, rule->name);
}

bool
event_redeliver(ActionCall *call, int64 id)
{
	DeadLetterRow *letter = dead_letter_take(id, call->scope.caller);

	return (letter != NULL && event_send_again(letter)) ||
		action_fail(call, API_DEAD_LETTER_DOES_NOT_EXIST, psprintf(INT64_FORMAT, id));
}
