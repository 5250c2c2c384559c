/*
 * event_rules.h
 *	  Event buses, rules, their targets, and what could not be delivered, in the tables.
 *
 * All run between store_enter() and store_leave(); results are in the context current at the call.
 */
#ifndef SFN_STORE_EVENT_RULES_H
#define SFN_STORE_EVENT_RULES_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "store/machines.h"

#define DEFAULT_BUS "default"
#define DEFAULT_BUS_ID INT64CONST(0)
#define TOPIC_BUS_PREFIX "topic/" /* of the name of the bus that a topic is (actions/topics.c) */

/* The hidden state machines that deliver have names that begin with $, as no other has: "$rule/<bus>/<rule>/<target>". */
#define RULE_MACHINE_PREFIX "$rule/"

/* ---- buses ---- */

typedef enum BusPrivilege
{
	BUS_PUT,
	BUS_SUBSCRIBE,
	BUS_PUT_AWS,
	BUS_PRIVILEGES
} BusPrivilege;

extern const char *bus_privilege_name(BusPrivilege privilege);

typedef struct BusRow
{
	int64 id;
	char *name;
	Oid owner; /* InvalidOid: of the default bus, superusers */

	/* filled in where buses are read to be shown */
	char *description;
	TimestampTz creation_date; /* 0: it has always been there */
} BusRow;

/* Part of a list in the order of names. */
typedef struct NamePage
{
	const char *after;  /* names behind this one; "": from the first */
	const char *prefix; /* "": any */
	int limit;
} NamePage;

extern BusRow *bus_by_name(const char *name); /* locked against deletion; NULL: there is none */
extern BusRow *bus_lock(const char *name);    /* also against a change of owner, to change it oneself */
extern BusRow *bus_find(const char *name);    /* not locked: who drops it holds up nobody that puts events on it */
extern bool bus_insert(const char *name, Oid owner, const char *description); /* false: the name is taken */
extern void bus_describe_as(int64 id, const char *description);
extern int buses_page(const NamePage *page, BusRow **buses);
/* Buses that are topics, behind the topic of that name. */
extern int topics_page(const char *after, BusRow **topics);
extern BusRow *bus_read(const char *name); /* not locked; NULL: there is none */
extern bool bus_has_rules(int64 id);
extern void bus_delete(int64 id);
extern void bus_grant(int64 id, Oid role, BusPrivilege privilege);
extern int64 bus_revoke(int64 id, Oid role, BusPrivilege privilege);
extern bool bus_is_granted(int64 id, Oid role, BusPrivilege privilege); /* to a role that it is a member of */

/* ---- rules ---- */

typedef struct RuleRow
{
	int64 id;
	int64 bus_id;
	char *bus;
	char *name;
	Oid owner;
	char *pattern;  /* NULL: none, it has a schedule */
	char *schedule; /* an expression for times at which it is told; or NULL */
	bool is_enabled;
	char *description;
	char *role_arn; /* NULL: none was given */
	bool was_there; /* of rule_create(): it was changed, not made */
} RuleRow;

/* Inserts it; false: the name is taken. */
extern bool rule_insert(RuleRow *rule);
/* The rule, its row locked, as it is committed now; NULL: there is none. */
extern RuleRow *rule_lock(const char *bus, const char *name);
/* The same as it is seen, not locked. */
extern RuleRow *rule_read(const char *bus, const char *name);
/* Rules of a bus of owners that the viewer is a member of; target: only those with that target; or NULL. */
extern int rules_page(int64 bus_id, const NamePage *page, Oid viewer, const char *target, RuleRow **rules);
extern void rule_update(const RuleRow *rule); /* pattern, state, description, role_arn */
extern void rule_delete(int64 id);
/* Of the engine: unless somebody is changing it. */
extern bool rule_disable_now(int64 id, const char *reason);

typedef struct TargetRow
{
	char *id;
	char *target;
	Oid role;
	char *input; /* JSON texts; or NULL */
	char *input_path;
	char *input_transformer;
	char *retry;
	char *aws_members;       /* others that AWS's PutTargets had, as an object */
	char *dead_letter_queue; /* to be put among these, "" takes it away; NULL: as they say */
	int64 machine_id;        /* 0: none */
} TargetRow;

extern void target_insert(int64 rule_id, const TargetRow *target);
extern int targets_page(int64 rule_id, const NamePage *page, TargetRow **targets);
extern bool rule_has_targets(int64 rule_id);
extern int64 targets_of_rule(int64 rule_id); /* how many; so the next, as they are committed now */
extern int64 targets_of_role(Oid owner);     /* of its rules */
extern int64 rules_of_role(Oid owner);       /* with its archives */
/* False: there is none.  *machine_id: the machine that delivered to it, or 0. */
extern bool target_delete(int64 rule_id, const char *target_id, int64 *machine_id);
extern int target_machines(int64 rule_id, int64 **ids); /* of all its targets */

/* A rule with one of its targets, for all rules; without any, target.id is NULL. */
typedef struct RuleTargetRow
{
	RuleRow rule;
	TargetRow target;
	int64 revision_id; /* of its machine */
} RuleTargetRow;

/* Each in turn, by rule. */
extern void rules_each(void (*each)(const RuleTargetRow *row));

/* The table's oid; every change of rules, targets and buses invalidates it, for caches of them. */
extern Oid rule_table(void);
extern void rules_changed(void);

/* ---- hidden machines ---- */

/* Not in use any more: gone when its executions are. */
extern void hidden_machine_drop(int64 id);

/* ---- what was not delivered ---- */

typedef struct DeadLetterRow
{
	int64 id;
	int64 rule_id;
	char *target_id;
	char *event;
} DeadLetterRow;

extern void dead_letter_insert(int64 rule_id, const char *target_id, const char *event, const char *error,
							   const char *cause);
/* Of an execution of a hidden machine that has failed. */
extern void dead_letter_of_execution(int64 machine_id, int64 execution_id, const char *event, const char *error,
									 const char *cause);
/* Takes it out; only for members of the owner of its rule.  NULL: there is none for the caller. */
extern DeadLetterRow *dead_letter_take(int64 id, Oid caller);
extern void dead_letters_prune(TimestampTz before);

/* ---- notifications ---- */

extern void notice_insert(const char *channel, const char *payload);
/* Sends and deletes up to limit; how many. */
extern int notices_send(int limit);

#endif /* SFN_STORE_EVENT_RULES_H */
