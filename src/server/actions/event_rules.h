/*
 * event_rules.h
 *	  Event buses, rules and their targets: making, changing, deleting; putting events.
 */
#ifndef SFN_ACTIONS_EVENT_RULES_H
#define SFN_ACTIONS_EVENT_RULES_H

#include "postgres.h"

#include "actions/errors.h"
#include "store/event_rules.h"
#include "store/tags.h"
#include "json/json_value.h"

/* Rules are called "name", on the default bus, "bus/name", or by their ARN. */

/* Makes the rule, or, with replace, changes it; rule->owner is filled in. */
extern SFN_MUST_CHECK bool rule_create(ActionCall *call, RuleRow *rule, bool replace);
extern SFN_MUST_CHECK bool rule_enable(ActionCall *call, const char *name, bool is_enabled);
extern SFN_MUST_CHECK bool rule_drop(ActionCall *call, const char *name);
/* Deletes it with what delivers to its targets, whosever it is. */
extern void rule_forget(int64 id);
/* The caller's rule, not locked. */
extern SFN_MUST_CHECK RuleRow *rule_describe(ActionCall *call, const char *name);

/* Sets the target of that id; target->role InvalidOid: the owner of the rule. */
extern SFN_MUST_CHECK bool target_set(ActionCall *call, const char *rule, TargetRow *target);
extern SFN_MUST_CHECK bool target_remove(ActionCall *call, const char *rule, const char *target_id);

/* The parts of target_set() that schedules have, too: may it be told so, in this role's name, for that owner?  Its hidden
 * machine. */
extern SFN_MUST_CHECK bool target_check(ActionCall *call, Oid owner, TargetRow *target);
extern SFN_MUST_CHECK bool target_make_machine(ActionCall *call, const char *name, TargetRow *target);
/* Letters, digits, dots, hyphens, underscores, at most 64; what: "a rule". */
extern SFN_MUST_CHECK bool check_event_name(ActionCall *call, const char *text, const char *what);

extern SFN_MUST_CHECK bool bus_create(ActionCall *call, const char *name, const char *description);
extern SFN_MUST_CHECK bool bus_change(ActionCall *call, const char *name, const char *description);
extern SFN_MUST_CHECK bool bus_drop(ActionCall *call, const char *name);
/* Not locked; a topic only where the caller may subscribe to it. */
extern SFN_MUST_CHECK BusRow *bus_to_watch(ActionCall *call, const char *name_or_arn);
/* The bus, locked against deletion, whose events an archive may keep: no topic is one. */
extern SFN_MUST_CHECK BusRow *bus_to_archive(ActionCall *call, const char *name_or_arn);
extern SFN_MUST_CHECK BusRow *bus_describe(ActionCall *call, const char *name_or_arn); /* anybody may see it */
/* The default bus is everybody's and nobody's: superusers own it. */
extern bool bus_is_own(const BusRow *bus, Oid role);
extern SFN_MUST_CHECK BusRow *bus_find_own(ActionCall *call, const char *name_or_arn); /* locked against changes */
/* What carries the tags of a rule or bus; locked, and the caller's, where they are to be changed. */
extern SFN_MUST_CHECK bool event_tag_owner(ActionCall *call, const char *arn, bool changes, TagOwner *owner);
extern SFN_MUST_CHECK bool bus_change_grant(ActionCall *call, const char *name, Oid role, const char *privilege,
											bool is_grant);

typedef struct PutEvent
{
	const char *bus; /* name or ARN */
	const char *source;
	const char *detail_type;
	const JsonVal *detail;
	const JsonVal *resources; /* an array */
	TimestampTz time;
} PutEvent;

/* The bus that an entry of PutEvents names, if it is one of ours; not locked; NULL: it is not. */
extern BusRow *bus_of_entry(const JsonVal *entry);

/* The event as EventBridge sends it. */
extern bool event_source_is_reserved(const char *source);
extern const JsonVal *event_made(const PutEvent *put, const char *id);

/* Sends the event; *id is its UUID. */
extern SFN_MUST_CHECK bool event_put(ActionCall *call, const PutEvent *put, char **id);

/* Tells a target again what it could not be told. */
extern SFN_MUST_CHECK bool event_redeliver(ActionCall *call, int64 dead_letter);

#endif /* SFN_ACTIONS_EVENT_RULES_H */
