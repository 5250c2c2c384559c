/*
 * event_rule_cache.h
 *	  The rules of this database, compiled: which events lead to something, without a query.
 */
#ifndef SFN_ACTIONS_EVENT_RULE_CACHE_H
#define SFN_ACTIONS_EVENT_RULE_CACHE_H

#include "postgres.h"

#include "actions/event_targets.h"
#include "events/event_input.h"
#include "events/event_pattern.h"
#include "events/event_sieve.h"

typedef struct CachedTarget
{
	struct CachedTarget *next; /* of the same rule */
	const char *id;
	const EventTargetKind *kind;
	const char *target; /* as it was given */
	Oid role;
	EventInput *input; /* NULL: the whole event */
	int64 machine_id;  /* the hidden machine that delivers, 0: none */
	int64 revision_id;
	const char *dead_letter_queue; /* its ARN; or NULL */
	TargetRetries retries;         /* where there is one */
} CachedTarget;

/*
 * Who owns rules, and what he may see of the event that is being sent: asked once for each event, however many rules
 * he has.
 */
typedef struct CachedOwner
{
	struct CachedOwner *next;
	Oid role;
	uint64 send; /* for which the rest holds */
	int tried;   /* rules whose pattern was tried without asking */
	bool is_asked;
	const JsonVal *seen; /* NULL: nothing */
} CachedOwner;

/* Compiled when the first event comes that its sieve lets pass. */
typedef struct KeptPattern KeptPattern;

typedef struct CachedRule
{
	struct CachedRule *next;
	int64 id;
	int64 bus_id;
	const char *bus;
	const char *name;
	const char *arn;
	Oid owner;
	CachedOwner *viewer; /* the same */
	bool is_archive;     /* it keeps the event: id and name are those of an archive, and there are no targets */
	bool is_enabled;
	KeptPattern *pattern; /* NULL: it has a schedule alone */
	CachedTarget *targets;
} CachedRule;

/* Can an event match it? */
static inline bool
rule_matches_some(const CachedRule *rule)
{
	return rule->is_enabled && rule->pattern != NULL;
}

/*
 * The pattern of a rule that an event can match, if one of that source and detail-type (NULL: whatever it is) may; else, or
 * when it does not compile any more, NULL.
 */
extern const EventPattern *rule_pattern_for(const CachedRule *rule, const char *source, const char *detail_type);

/*
 * All rules, by id, then the archives.  They stay as they are until the next call of these functions; within a scope of
 * the store.
 */
extern const CachedRule *event_rules(void);

/* True: no status change of an execution leads to anything.  Asked for each execution of each turn, it is one comparison. */
extern bool event_rules_are_none(void);

/* Of a status change of an execution of that machine: can any rule match it?  A look-up. */
extern bool event_rules_want_status(int64 state_machine_id, const char *machine_arn, bool is_express, int status);

/* Can a rule of the default bus match an event of that source and type? */
extern bool event_rules_want(const char *source, const char *detail_type);

/* May there be notifications to send?  Asked between turns; false without a look at tables where no target is one. */
extern bool event_rules_may_notify(void);
/* Sends what targets notify:channel have left, so many; returns how many.  Without such targets nothing is looked at. */
extern int event_notices_send(int limit);

extern char *rule_arn_of(const char *bus, const char *rule);

#endif /* SFN_ACTIONS_EVENT_RULE_CACHE_H */
