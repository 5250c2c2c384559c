/*
 * event_rule_cache.c
 *	  The rules of this database, compiled: which events lead to something, without a query.
 *
 * An archive is a rule that keeps what matches.  Patterns are compiled when an event comes of a source and a detail-type that
 * they want: what compiled patterns take, in time and in memory, is many times their text.
 *
 * Whoever changes rules, targets, archives or buses sends an invalidation of sfn.event_rule
 * (store/event_rules.c); all is read anew then, when it is needed next.  A transaction
 * that keeps one snapshot could read what is old already, so what it reads is good for
 * one use.  In context "sfn event rules", whose hash table says which statuses of a
 * machine any rule can match: what a pattern says of source, detail-type, machine and
 * status is tried once for each machine.
 */
#include "postgres.h"

#include "access/xact.h"
#include "storage/sinval.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"

#include "actions/event_dead_letters.h"
#include "actions/event_rule_cache.h"
#include "engine/execution_status.h"
#include "events/execution_event.h"
#include "settings/arns.h"
#include "settings/guc.h"
#include "shared/relation_watch.h"
#include "store/event_archives.h"
#include "store/event_rules.h"

#define MAX_MACHINES 10000
#define ANY_EVENT "{\"source\": [{\"exists\": true}]}"

typedef struct MachineStatuses
{
	int64 state_machine_id;
	uint32 statuses; /* bits */
} MachineStatuses;

/* Patterns outlast what is read anew: whoever changes one rule has nobody compile all of them. */
struct KeptPattern
{
	int64 key;             /* the id of the rule, negative that of an archive */
	MemoryContext context; /* "sfn rule pattern" */
	const char *text;
	EventSieve sieve;
	bool is_compiled;
	EventPattern *pattern; /* NULL: it does not compile any more */
	uint64 reading;        /* that has found it last */
};

static HTAB *patterns; /* KeptPattern */
static uint64 reading;
static MemoryContext context;
static RelationWatch watch;
static CachedRule *first;
static CachedRule *last;
static CachedOwner *owners;
static bool are_any;    /* enabled rules of the default bus */
static bool may_notify; /* there is a target notify:channel */
static HTAB *machines;  /* MachineStatuses */

char *
rule_arn_of(const char *bus, const char *rule)
{
	return arn_of_rule(sfn_region, sfn_account_id, strcmp(bus, DEFAULT_BUS) == 0 ? rule : psprintf("%s/%s", bus, rule));
}

/* ---- reading ---- */

static const JsonVal *
parsed(const char *text)
{
	JvParseError error;

	return text != NULL ? jv_parse(text, (int) strlen(text), &error) : NULL;
}

static CachedTarget *
cached_target(const RuleTargetRow *row)
{
	CachedTarget *target = palloc0(sizeof(CachedTarget));
	EventInputSource source = {.constant = parsed(row->target.input),
							   .path = row->target.input_path,
							   .transformer = parsed(row->target.input_transformer)};
	const char *problem;

	target->id = row->target.id;
	target->target = row->target.target;
	target->kind = event_target_kind(row->target.target);
	target->role = row->target.role;
	target->machine_id = row->target.machine_id;
	target->revision_id = row->revision_id;
	target->dead_letter_queue = dead_letter_queue_of(row->target.aws_members);
	if (target->dead_letter_queue != NULL)
		target->retries = event_target_retries_of(row->target.retry);
	if (source.constant != NULL || source.path != NULL || source.transformer != NULL)
		target->input = event_input_compile(&source, &problem);
	return target;
}

static CachedOwner *
cached_owner(Oid role)
{
	CachedOwner *owner = owners;

	while (owner != NULL && owner->role != role)
		owner = owner->next;
	if (owner == NULL)
	{
		owner = palloc0(sizeof(CachedOwner));
		owner->role = role;
		owner->next = owners;
		owners = owner;
	}
	return owner;
}

/* An error leaves behind a text that no pattern has. */
static void
keep_text(KeptPattern *kept, const char *text)
{
	kept->text = "";
	kept->is_compiled = false;
	kept->context = AllocSetContextCreate(TopMemoryContext, "sfn rule pattern", ALLOCSET_SMALL_SIZES);
	kept->text = MemoryContextStrdup(kept->context, text);
	kept->sieve = event_sieve(kept->text);
}

static const EventPattern *
compiled(KeptPattern *kept)
{
	if (!kept->is_compiled)
	{
		MemoryContext caller_context = MemoryContextSwitchTo(kept->context);
		EventPatternError error;

		kept->pattern = event_pattern_compile(kept->text, (int) strlen(kept->text), &error);
		kept->is_compiled = true;
		MemoryContextSwitchTo(caller_context);
	}
	return kept->pattern;
}

const EventPattern *
rule_pattern_for(const CachedRule *rule, const char *source, const char *detail_type)
{
	return event_sieve_passes(&rule->pattern->sieve, source, detail_type) ? compiled(rule->pattern) : NULL;
}

static void
delete_kept(KeptPattern *kept)
{
	if (kept->context != NULL)
		MemoryContextDelete(kept->context);
	kept->context = NULL;
}

static KeptPattern *
kept_pattern(int64 key, const char *text)
{
	bool is_found;
	KeptPattern *kept = hash_search(patterns, &key, HASH_ENTER, &is_found);

	if (!is_found)
		kept->context = NULL;
	kept->reading = reading;
	if (kept->context == NULL || strcmp(kept->text, text) != 0)
	{
		delete_kept(kept);
		keep_text(kept, text);
	}
	return kept;
}

static void
forget_old_patterns(void)
{
	HASH_SEQ_STATUS status;
	KeptPattern *kept;

	hash_seq_init(&status, patterns);
	while ((kept = hash_seq_search(&status)) != NULL)
	{
		if (kept->reading == reading)
			continue;
		delete_kept(kept);
		(void) hash_search(patterns, &kept->key, HASH_REMOVE, NULL);
	}
}

static void
begin_patterns(void)
{
	HASHCTL control = {.keysize = sizeof(int64), .entrysize = sizeof(KeptPattern)};

	if (patterns == NULL)
		patterns = hash_create("sfn rule patterns", 64, &control, HASH_ELEM | HASH_BLOBS);
	reading++;
}

static CachedRule *
cached_rule(const RuleRow *row, int64 key)
{
	CachedRule *rule = palloc0(sizeof(CachedRule));

	rule->id = row->id;
	rule->bus_id = row->bus_id;
	rule->bus = row->bus;
	rule->name = row->name;
	rule->arn = rule_arn_of(row->bus, row->name);
	rule->owner = row->owner;
	rule->viewer = cached_owner(row->owner);
	if (row->pattern != NULL)
		rule->pattern = kept_pattern(key, row->pattern);
	rule->is_enabled = row->is_enabled;
	are_any |= rule_matches_some(rule) && rule->bus_id == DEFAULT_BUS_ID;
	return rule;
}

static void
keep_rule(CachedRule *rule)
{
	if (last == NULL)
		first = rule;
	else
		last->next = rule;
	last = rule;
}

static void
keep_archive(const ArchiveRow *row)
{
	RuleRow as_rule = {.id = row->id,
					   .bus_id = row->bus_id,
					   .bus = row->bus,
					   .name = row->name,
					   .owner = row->owner,
					   .pattern = row->pattern != NULL ? row->pattern : pstrdup(ANY_EVENT),
					   .is_enabled = true};
	CachedRule *archive = cached_rule(&as_rule, -row->id);

	archive->is_archive = true;
	keep_rule(archive);
}

static void
keep_row(const RuleTargetRow *row)
{
	if (last == NULL || last->id != row->rule.id)
		keep_rule(cached_rule(&row->rule, row->rule.id));
	if (row->target.id != NULL)
	{
		CachedTarget *target = cached_target(row);

		may_notify |= target->kind != NULL && target->kind->way == TARGET_NOTIFY;
		target->next = last->targets;
		last->targets = target;
	}
}

static void
forget(void)
{
	if (context != NULL)
		MemoryContextDelete(context);
	context = NULL;
	first = last = NULL;
	owners = NULL;
	machines = NULL;
	are_any = may_notify = false;
}

/* An error leaves nothing behind but a context that the next call deletes. */
static void
read_rules(void)
{
	HASHCTL control = {.keysize = sizeof(int64), .entrysize = sizeof(MachineStatuses)};
	MemoryContext caller_context;

	forget();
	context = AllocSetContextCreate(TopMemoryContext, "sfn event rules", ALLOCSET_DEFAULT_SIZES);
	caller_context = MemoryContextSwitchTo(context);
	control.hcxt = context;
	relation_watch(&watch, rule_table()); /* an invalidation that comes while they are read counts */
	begin_patterns();
	rules_each(keep_row);
	archives_each(keep_archive);
	forget_old_patterns();
	machines = hash_create("sfn event machines", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	MemoryContextSwitchTo(caller_context);
	if (IsolationUsesXactSnapshot())
		watch.is_current = false;
}

const CachedRule *
event_rules(void)
{
	AcceptInvalidationMessages();
	if (!watch.is_current || machines == NULL)
		read_rules();
	return first;
}

/* ---- status changes ---- */

static uint32
statuses_of_rule(const CachedRule *rule, const char *machine_arn, bool is_express)
{
	const char *source = EXECUTION_EVENT_SOURCE(is_express);
	const EventPattern *pattern = rule_pattern_for(rule, source, EXECUTION_EVENT_TYPE);
	uint32 statuses = 0;

	if (pattern == NULL || !event_pattern_may_have(pattern, "source", jv_string(source)) ||
		!event_pattern_may_have(pattern, "detail-type", jv_string(EXECUTION_EVENT_TYPE)) ||
		!event_pattern_may_have(pattern, "detail.stateMachineArn", jv_string(machine_arn)))
		return 0;
	for (int status = EXECUTION_RUNNING; status <= EXECUTION_ABORTED; status++)
	{
		if (event_pattern_may_have(pattern, "detail.status", jv_string(execution_status_name(status))))
			statuses |= (uint32) 1 << status;
	}
	return statuses;
}

static uint32
statuses_of_machine(const char *machine_arn, bool is_express)
{
	uint32 statuses = 0;

	for (const CachedRule *rule = first; rule != NULL; rule = rule->next)
	{
		if (rule_matches_some(rule) && rule->bus_id == DEFAULT_BUS_ID)
			statuses |= statuses_of_rule(rule, machine_arn, is_express);
	}
	return statuses;
}

static bool
want_status(int64 state_machine_id, const char *machine_arn, bool is_express, int status)
{
	MachineStatuses *entry = hash_search(machines, &state_machine_id, HASH_FIND, NULL);

	if (entry == NULL)
	{
		uint32 statuses = statuses_of_machine(machine_arn, is_express);

		if (hash_get_num_entries(machines) >= MAX_MACHINES)
			return (statuses & ((uint32) 1 << status)) != 0;
		entry = hash_search(machines, &state_machine_id, HASH_ENTER, NULL);
		entry->statuses = statuses;
	}
	return (entry->statuses & ((uint32) 1 << status)) != 0;
}

static void
be_current(void)
{
	StoreScope scope;

	if (watch.is_current && machines != NULL)
		return;
	store_enter(&scope);
	read_rules();
	store_leave(&scope);
}

bool
event_rules_want(const char *source, const char *detail_type)
{
	be_current();
	for (const CachedRule *rule = first; rule != NULL; rule = rule->next)
	{
		const EventPattern *pattern = rule_matches_some(rule) && rule->bus_id == DEFAULT_BUS_ID
			? rule_pattern_for(rule, source, detail_type)
			: NULL;

		if (pattern != NULL && event_pattern_may_have(pattern, "source", jv_string(source)) &&
			event_pattern_may_have(pattern, "detail-type", jv_string(detail_type)))
			return true;
	}
	return false;
}

bool
event_rules_are_none(void)
{
	return watch.is_current && !are_any;
}

bool
event_rules_may_notify(void)
{
	return !watch.is_current || may_notify;
}

int
event_notices_send(int limit)
{
	(void) event_rules();
	return may_notify ? notices_send(limit) : 0;
}

bool
event_rules_want_status(int64 state_machine_id, const char *machine_arn, bool is_express, int status)
{
	be_current();
	return are_any && want_status(state_machine_id, machine_arn, is_express, status);
}
