/*
 * ddl_hook.c
 *	  Keeping workers away from a database while DDL needs it for itself.
 *
 * CREATE DATABASE (of its template), DROP DATABASE, renaming or moving one refuse
 * to work while somebody is connected; DROP or ALTER EXTENSION would wait for the
 * workers' locks.  So the session that issues such a statement first puts a hold
 * on the database: workers are asked to leave, a SQL task that still runs after
 * sfn.ddl_grace is cancelled (and will be run again), and the launcher starts none
 * until the transaction is over.  Then, whether it committed or not, the launcher
 * looks whether the database still wants workers.
 *
 * A hold is a counter in the database's entry; the session keeps in local memory
 * which ones it raised.  Statements that the user may not execute put no hold.
 */
#include "postgres.h"

#include <signal.h>

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "commands/dbcommands.h"
#include "commands/defrem.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "storage/condition_variable.h"
#include "storage/latch.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "settings/compat.h"
#include "settings/guc.h"
#include "shared/worker_registry.h"
#include "workers/ddl_hook.h"
#include "workers/role_hook.h"

#define HOLDS_MAX 16
#define WAIT_STEP_MS 50
#define WAIT_AFTER_CANCEL_MS 5000
#define RESTART_WAIT_MS 5000

static ProcessUtility_hook_type next_process_utility_hook = NULL;

/* Entries of worker_registry->databases that this transaction holds. */
static int holds[HOLDS_MAX];
static int hold_count = 0;

static void process_utility(PlannedStmt *planned, const char *query, bool read_only_tree, ProcessUtilityContext context,
							ParamListInfo params, QueryEnvironment *environment, DestReceiver *receiver,
							QueryCompletion *completion);
static void prepare_statement(Node *statement);
static void prepare_create_database(const CreatedbStmt *statement);
static void prepare_database(const char *name, LeaveRequest request);
static void prepare_alter_database(const AlterDatabaseStmt *statement);
static void prepare_settings(const AlterDatabaseSetStmt *statement);
static void prepare_drop(const DropStmt *statement);
static void prepare_drop_owned(const DropOwnedStmt *statement);
static void prepare_extension(bool is_ours);
static bool names_extension(const char *name);
static int hold_raise(Oid database);
static void ask_to_leave(Oid database, LeaveRequest request);
static void wait_until_left(Oid database, LeaveRequest request);
static bool still_there(Oid database, LeaveRequest request, bool cancels);
static bool wait_for_executor(Oid database);

void
ddl_hook_install(void)
{
	next_process_utility_hook = ProcessUtility_hook;
	ProcessUtility_hook = process_utility;
}

static void
process_utility(PlannedStmt *planned, const char *query, bool read_only_tree, ProcessUtilityContext context,
				ParamListInfo params, QueryEnvironment *environment, DestReceiver *receiver,
				QueryCompletion *completion)
{
	if (worker_registry != NULL)
		prepare_statement(planned->utilityStmt);
	role_hook_before(planned->utilityStmt);
	if (next_process_utility_hook)
		next_process_utility_hook(planned, query, read_only_tree, context, params, environment, receiver, completion);
	else
		standard_ProcessUtility(planned, query, read_only_tree, context, params, environment, receiver, completion);
	role_hook_after(planned->utilityStmt);
}

/* ---- which statements ---- */

static void
prepare_statement(Node *statement)
{
	switch (nodeTag(statement))
	{
		case T_CreatedbStmt:
			prepare_create_database((const CreatedbStmt *) statement);
			break;
		case T_DropdbStmt:
			prepare_database(((const DropdbStmt *) statement)->dbname, LEAVE_DATABASE);
			break;
		case T_AlterDatabaseStmt:
			prepare_alter_database((const AlterDatabaseStmt *) statement);
			break;
		case T_AlterDatabaseSetStmt:
			prepare_settings((const AlterDatabaseSetStmt *) statement);
			break;
		case T_RenameStmt:
			if (((const RenameStmt *) statement)->renameType == OBJECT_DATABASE)
				prepare_database(((const RenameStmt *) statement)->subname, LEAVE_DATABASE);
			break;
		case T_DropStmt:
			prepare_drop((const DropStmt *) statement);
			break;
		case T_DropOwnedStmt:
			prepare_drop_owned((const DropOwnedStmt *) statement);
			break;
		case T_AlterExtensionStmt:
			prepare_extension(names_extension(((const AlterExtensionStmt *) statement)->extname));
			break;
		case T_AlterExtensionContentsStmt:
			prepare_extension(names_extension(((const AlterExtensionContentsStmt *) statement)->extname));
			break;
		default:
			break;
	}
}

/* The server's own function for that was not exported by the first minor versions of 15. */
static bool
may_create_databases(void)
{
	HeapTuple tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(GetUserId()));
	bool result;

	if (!HeapTupleIsValid(tuple))
		return false;
	result = ((Form_pg_authid) GETSTRUCT(tuple))->rolcreatedb;
	ReleaseSysCache(tuple);
	return result;
}

/* CREATE DATABASE reads its template, in which nobody may be. */
static void
prepare_create_database(const CreatedbStmt *statement)
{
	const char *template_name = "template1";
	Oid template;
	ListCell *cell;

	foreach(cell, statement->options)
	{
		DefElem *option = lfirst_node(DefElem, cell);

		if (strcmp(option->defname, "template") == 0 && option->arg != NULL)
			template_name = defGetString(option);
	}
	if (!superuser() && !may_create_databases())
		return;
	template = get_database_oid(template_name, true);
	if (OidIsValid(template) && sfn_owns_database(template, GetUserId()))
		database_hold(template, LEAVE_DATABASE);
}

static void
prepare_database(const char *name, LeaveRequest request)
{
	Oid database = get_database_oid(name, true);

	if (OidIsValid(database) && sfn_owns_database(database, GetUserId()))
		database_hold(database, request);
}

/* Moving it to a tablespace needs it empty of users; other options may end or allow connections. */
static void
prepare_alter_database(const AlterDatabaseStmt *statement)
{
	ListCell *cell;
	bool moves = false;

	foreach(cell, statement->options)
	{
		if (strcmp(lfirst_node(DefElem, cell)->defname, "tablespace") == 0)
			moves = true;
	}
	prepare_database(statement->dbname, moves ? LEAVE_DATABASE : LEAVE_TO_ANOTHER);
}

/* Settings of ours come into force when the database's workers begin anew. */
static void
prepare_settings(const AlterDatabaseSetStmt *statement)
{
	const VariableSetStmt *set = statement->setstmt;

	if (set->kind == VAR_RESET_ALL || (set->name != NULL && pg_strncasecmp(set->name, "sfn.", 4) == 0))
		prepare_database(statement->dbname, LEAVE_TO_ANOTHER);
}

/* DROP EXTENSION sfn, also by way of its schema. */
static void
prepare_drop(const DropStmt *statement)
{
	ListCell *cell;

	if (statement->removeType != OBJECT_EXTENSION && statement->removeType != OBJECT_SCHEMA)
		return;
	if (statement->removeType == OBJECT_SCHEMA && statement->behavior != DROP_CASCADE)
		return;
	foreach(cell, statement->objects)
	{
		if (names_extension(strVal(lfirst(cell))))
			prepare_extension(true);
	}
}

/* DROP OWNED drops the extension when its owner is among the roles; RESTRICT would fail, which is soon over. */
static void
prepare_drop_owned(const DropOwnedStmt *statement)
{
	Oid extension = get_extension_oid("sfn", true);
	ListCell *cell;

	if (!OidIsValid(extension))
		return;
	foreach(cell, statement->roles)
	{
		Oid role = get_rolespec_oid(lfirst_node(RoleSpec, cell), true);

		if (OidIsValid(role) && has_privs_of_role(GetUserId(), role) && sfn_owns_extension(extension, role) &&
			!superuser_arg(role))
			database_hold(MyDatabaseId, LEAVE_DATABASE);
	}
}

static void
prepare_extension(bool is_ours)
{
	Oid extension = is_ours ? get_extension_oid("sfn", true) : InvalidOid;

	if (OidIsValid(extension) && sfn_owns_extension(extension, GetUserId()))
		database_hold(MyDatabaseId, LEAVE_DATABASE);
}

/* One of its schemas has the extension's name, too. */
static bool
names_extension(const char *name)
{
	return strcmp(name, "sfn") == 0 || strcmp(name, "sfn_internal") == 0;
}

/* ---- holds ---- */

void
database_hold(Oid database, LeaveRequest request)
{
	if (worker_registry == NULL)
		return;
	if (hold_raise(database) < 0)
		return; /* no room: the statement has to do without */
	ask_to_leave(database, request);
	wake_launcher(); /* whose gateway leaves, too */
	if (request == LEAVE_DATABASE)
		wait_until_left(database, request);
}

bool
database_restart_workers(Oid database)
{
	bool have_left;

	database_hold(database, LEAVE_TO_ANOTHER);
	wait_until_left(database, LEAVE_TO_ANOTHER);
	have_left = !still_there(database, LEAVE_TO_ANOTHER, false);
	holds_lower();
	return wait_for_executor(database) && have_left;
}

/* Returns the entry's index, whether this transaction held it before or not; -1: the table is full. */
static int
hold_raise(Oid database)
{
	DatabaseEntry *entry;
	int index = -1;

	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	entry = registry_add_database(database);
	if (entry != NULL)
	{
		index = entry - worker_registry->databases;
		for (int i = 0; i < hold_count; i++)
		{
			if (holds[i] == index)
				entry = NULL;
		}
		if (entry != NULL && hold_count == HOLDS_MAX)
			index = -1;
		else if (entry != NULL)
		{
			holds[hold_count++] = index;
			pg_atomic_fetch_add_u32(&entry->holds, 1);
		}
	}
	LWLockRelease(worker_registry->lock);
	return index;
}

/*
 * After a commit nothing may fail: atomics and a latch only.  At exit of the process, an open transaction is aborted
 * first, so that sees to its holds as well.
 */
void
holds_lower(void)
{
	if (hold_count == 0)
		return;
	for (int i = 0; i < hold_count; i++)
	{
		DatabaseEntry *entry = &worker_registry->databases[holds[i]];

		pg_atomic_write_u32(&entry->refresh, 1);
		pg_atomic_fetch_sub_u32(&entry->holds, 1);
	}
	hold_count = 0;
	pg_atomic_write_u32(&worker_registry->relist, 1);
	wake_launcher();
}

/* ---- making workers leave ---- */

/* Who was asked to leave the database is not asked for less. */
static void
ask_to_leave(Oid database, LeaveRequest request)
{
	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	for (int i = 1; i < worker_registry->slot_count; i++)
	{
		WorkerSlot *slot = &worker_registry->slots[i];

		if (slot->state == WORKER_FREE || slot->database != database)
			continue;
		if (pg_atomic_read_u32(&slot->leave_requested) < request)
			pg_atomic_write_u32(&slot->leave_requested, request);
		worker_call(slot);
	}
	LWLockRelease(worker_registry->lock);
}

/* Interruptible; gives up in the end, then the statement itself decides. */
static void
wait_until_left(Oid database, LeaveRequest request)
{
	TimestampTz started = GetCurrentTimestamp();
	TimestampTz next_cancel = TimestampTzPlusMilliseconds(started, sfn_ddl_grace);
	TimestampTz give_up = TimestampTzPlusMilliseconds(next_cancel, sfn_cancel_grace + WAIT_AFTER_CANCEL_MS);

	ConditionVariablePrepareToSleep(&worker_registry->left);
	for (;;)
	{
		TimestampTz now = GetCurrentTimestamp();
		bool cancels = now >= next_cancel;

		if (!still_there(database, request, cancels) || now >= give_up)
			break;
		if (cancels)
			next_cancel = TimestampTzPlusMilliseconds(now, 1000);
		(void) ConditionVariableTimedSleep(&worker_registry->left, WAIT_STEP_MS, sfn_wait_event("SfnWorkersLeave"));
	}
	ConditionVariableCancelSleep();
}

/*
 * Is any worker of the database left, this process apart?  A pump that leaves to another may be there for long.
 * Cancels what they run, when asked to.
 */
static bool
still_there(Oid database, LeaveRequest request, bool cancels)
{
	bool result = false;

	LWLockAcquire(worker_registry->lock, LW_SHARED);
	for (int i = 1; i < worker_registry->slot_count; i++)
	{
		WorkerSlot *slot = &worker_registry->slots[i];

		if (slot->state == WORKER_FREE || slot->database != database || slot == my_worker ||
			(slot->role == WORKER_PUMP && request != LEAVE_DATABASE))
			continue;
		result = true;
		if (cancels && slot->pid != 0)
			kill(slot->pid, SIGINT);
	}
	LWLockRelease(worker_registry->lock);
	return result;
}

/* False: none has come in time. */
static bool
wait_for_executor(Oid database)
{
	TimestampTz give_up = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), RESTART_WAIT_MS);

	for (;;)
	{
		WorkerSlot *slot;
		bool is_there;

		LWLockAcquire(worker_registry->lock, LW_SHARED);
		slot = registry_permanent_worker(database);
		is_there = slot != NULL && slot->role == WORKER_EXECUTOR && slot->pid != 0 &&
			pg_atomic_read_u32(&slot->leave_requested) == 0;
		LWLockRelease(worker_registry->lock);
		if (is_there || GetCurrentTimestamp() >= give_up)
			return is_there;
		CHECK_FOR_INTERRUPTS();
		if (WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, 10, sfn_wait_event("SfnWorkersStart")) &
			WL_LATCH_SET)
			ResetLatch(MyLatch);
	}
}
