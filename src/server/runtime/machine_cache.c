/*
 * machine_cache.c
 *	  Compiled machines of this process, one per revision.
 *
 * A revision is immutable, but for the role that it runs as, which may be handed
 * over, and the priority of its machine: when they change, all are dropped.  Each lives in a memory
 * context of its own ("sfn machine") below "sfn machines"; above MAX_MACHINES or MAX_BYTES all are
 * dropped at the next turn, which is rare and cheap to refill.  A definition of a megabyte may take more than a hundred of
 * them when it is compiled, and most of a second: a turn compiles what it advances, one after the other, as work of that
 * execution's, and ends when its time is over.
 */
#include "postgres.h"

#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "actions/machine_names.h"
#include "asl/compile.h"
#include "engine/engine.h"
#include "runtime/machine_cache.h"
#include "settings/arns.h"
#include "settings/compat.h"
#include "settings/guc.h"
#include "shared/relation_watch.h"
#include "store/machines.h"
#include "store/store.h"

#define MAX_MACHINES 2000
#define MAX_BYTES (256 * 1024 * 1024)

static HTAB *machines;
static MemoryContext machines_context;
static Size machines_bytes;
static LocalTransactionId pinned_by = InvalidLocalTransactionId;
static RelationWatch revisions;

static void cache_begin(void);
static void machine_compile(CachedMachine *entry, const RevisionRow *revision, MemoryContext context);
static void logging_read(CachedMachine *entry, const char *configuration);
static const char *first_error(const DiagnosticList *diagnostics);

const CachedMachine *
machine_cache_get(int64 revision_id)
{
	CachedMachine *entry;
	RevisionRow *revision;
	StoreScope scope;
	MemoryContext context;
	MemoryContext old;
	bool found;

	if (machines == NULL)
		cache_begin();
	entry = hash_search(machines, &revision_id, HASH_FIND, NULL);
	if (entry != NULL)
		return entry;

	store_enter(&scope);
	revision = revision_by_id(revision_id);
	store_leave(&scope);
	if (revision == NULL)
		return NULL;

	context = AllocSetContextCreate(CurrentMemoryContext, "sfn machine", ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(context);
	{
		CachedMachine made = {.revision_id = revision_id};

		machine_compile(&made, revision, context);
		MemoryContextSetParent(context, machines_context);
		machines_bytes += MemoryContextMemAllocated(context, true);
		entry = hash_search(machines, &revision_id, HASH_ENTER, &found);
		*entry = made;
	}
	MemoryContextSwitchTo(old);
	return entry;
}

void
machine_cache_share(int64 revision_id, Oid *role, int *priority)
{
	const CachedMachine *entry = machines != NULL ? hash_search(machines, &revision_id, HASH_FIND, NULL) : NULL;
	StoreScope scope;

	*role = entry != NULL ? entry->role : InvalidOid;
	*priority = entry != NULL ? entry->priority : DEFAULT_PRIORITY;
	if (entry != NULL)
		return;
	store_enter(&scope);
	(void) revision_share(revision_id, role, priority);
	store_leave(&scope);
}

/* Between turns: forgets everything when too much has gathered, or revisions were changed.  Nothing may point into the cache then. */
void
machine_cache_trim(void)
{
	if (machines != NULL &&
		(!revisions.is_current || hash_get_num_entries(machines) > MAX_MACHINES || machines_bytes > MAX_BYTES) &&
		pinned_by != sfn_local_transaction())
		machine_cache_forget();
}

void
machine_cache_forget(void)
{
	if (machines == NULL)
		return;
	if (pinned_by == sfn_local_transaction())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_IN_USE),
				 errmsg("the extension was made anew below a state machine that is running in this transaction")));
	hash_destroy(machines);
	MemoryContextDelete(machines_context);
	machines = NULL;
	machines_bytes = 0;
}

void
machine_cache_pin(void)
{
	LocalTransactionId transaction = sfn_local_transaction();

	if (pinned_by == transaction)
		return;
	machine_cache_trim();
	pinned_by = transaction;
}

static void
cache_begin(void)
{
	HASHCTL control = {.keysize = sizeof(int64), .entrysize = sizeof(CachedMachine)};

	machines_context = AllocSetContextCreate(TopMemoryContext, "sfn machines", ALLOCSET_DEFAULT_SIZES);
	machine_names_when_renewed(machine_cache_forget);
	relation_watch(&revisions, revision_table());
	control.hcxt = machines_context;
	machines = hash_create("sfn machines", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static void
machine_compile(CachedMachine *entry, const RevisionRow *revision, MemoryContext context)
{
	DiagnosticList diagnostics;

	entry->state_machine_id = revision->state_machine_id;
	entry->name = MemoryContextStrdup(context, revision->machine_name);
	entry->arn = machine_arn(entry->name);
	entry->execution_arn_prefix = execution_arn(revision->is_express, entry->name, "");
	entry->role_arn = MemoryContextStrdup(context, revision->role_arn);
	entry->role = revision->role;
	entry->is_express = revision->is_express;
	logging_read(entry, revision->settings[SETTING_LOGGING]);
	entry->priority =
		revision->settings[SETTING_PRIORITY] != NULL ? atoi(revision->settings[SETTING_PRIORITY]) : DEFAULT_PRIORITY;
	entry->uses_context = strstr(revision->definition, "$$") != NULL || strstr(revision->definition, "context") != NULL;

	diagnostics_begin(&diagnostics);
	entry->machine = asl_compile(revision->definition, (int) strlen(revision->definition), revision->is_express,
								 state_types, state_type_count, &diagnostics);
	if (entry->machine == NULL)
		entry->problem = first_error(&diagnostics);
	else if (entry->machine->uses_context)
		entry->uses_context = true;
}

/* What the logging configuration asks for; NULL: nothing. */
static void
logging_read(CachedMachine *entry, const char *configuration)
{
	JvParseError error;
	const JsonVal *logging =
		configuration != NULL ? jv_parse(configuration, (int) strlen(configuration), &error) : NULL;
	const char *level = jv_get_string(logging, "level");
	const JsonVal *includes_data = jv_get(logging, "includeExecutionData");
	const JsonVal *destinations = jv_get(logging, "destinations");

	if (level == NULL || strcmp(level, "OFF") == 0)
		return;
	entry->is_logged = true;
	entry->sends_logs = jv_is(destinations, JV_ARRAY) && destinations->count > 0;
	entry->logs_data = jv_is(includes_data, JV_BOOL) && includes_data->boolean;
	if (strcmp(level, "FATAL") == 0)
		entry->log_weight = EVENT_OF_END;
	else if (strcmp(level, "ERROR") == 0)
		entry->log_weight = EVENT_OF_ERROR;
}

static const char *
first_error(const DiagnosticList *diagnostics)
{
	for (int i = 0; i < diagnostics->count; i++)
	{
		const Diagnostic *item = &diagnostics->items[i];

		if (item->severity == DIAGNOSTIC_ERROR)
			return psprintf("The stored definition is not valid: %s: %s%s%s", item->code, item->message,
							item->location != NULL ? " at " : "", item->location != NULL ? item->location : "");
	}
	return "The stored definition is not valid.";
}
