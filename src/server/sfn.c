/*
 * sfn.c
 *	  Loading the library.
 *
 * Loaded by a session, it brings the functions and the settings.  Preloaded by
 * the server, it also brings shared memory, the launcher and the hook that makes
 * workers leave before DDL.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"

#include "actions/event_waiting.h"
#include "actions/lineage.h"
#include "api/aws/actions.h"
#include "services/sandbox.h"
#include "settings/guc.h"
#include "shared/activity_waiters.h"
#include "shared/event_waiters.h"
#include "shared/machine_stats.h"
#include "shared/open_files.h"
#include "shared/quota_accounts.h"
#include "shared/shared_memory.h"
#include "shared/transaction_callbacks.h"
#include "shared/wakeup.h"
#include "store/owners.h"
#include "store/store.h"
#include "workers/ddl_hook.h"
#include "workers/launcher.h"
#include "workers/trigger_hook.h"
#include "workers/view_hook.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

/*
 * What happens at the end of a transaction, in this order: when others can see the outcome, before
 * the server gives back locks, memory and settings.
 */
static const TransactionPart transaction_parts[] = {
	/* The caller's settings of the planner first: whatever runs from here on must not find ours. */
	{.aborted = store_unpin_planner, .subtransaction_aborted = store_subtransaction_aborted},

	/* A session that calls as others does so no longer. */
	{.aborted = sandbox_guard_end, .subtransaction_aborted = sandbox_guard_subtransaction_aborted},

	/* Which execution's tasks were running. */
	{.aborted = lineage_forget},

	/* What was put, for sessions that wait for an event. */
	{.before_commit = event_waiting_before_commit,
	 .committed = event_waiting_forget,
	 .aborted = event_waiting_forget,
	 .prepared = event_waiting_forget,
	 .subtransaction_committed = event_waiting_subtransaction_committed,
	 .subtransaction_aborted = event_waiting_subtransaction_aborted},

	/* Owners of our objects, in an ACL: the last that is written. */
	{.before_commit = owners_before_commit, .aborted = owners_forget},

	/* What is counted, while it can still fail: its locks are waited for. */
	{.before_commit = machine_stats_before_commit, .aborted = machine_stats_aborted},

	/* What roles with a quota have taken or given back; before those are woken who would count it. */
	{.committed = quota_accounts_committed,
	 .aborted = quota_accounts_aborted,
	 .prepared = quota_accounts_prepared,
	 .subtransaction_committed = quota_accounts_subtransaction_committed,
	 .subtransaction_aborted = quota_accounts_subtransaction_aborted},

	/*
	 * Whoever waits for this commit: executors and the pump, who look at what they keep of tables, and tasks to be cancelled;
	 * workers of activities; sessions that wait for an event.
	 */
	{.announced = wakeup_committed,
	 .aborted = wakeup_forget,
	 .prepared = wakeup_forget,
	 .subtransaction_committed = wakeup_subtransaction_committed,
	 .subtransaction_aborted = wakeup_subtransaction_aborted},
	{.committed = activity_waiters_committed,
	 .aborted = activity_waiters_aborted,
	 .prepared = activity_waiters_forget,
	 .subtransaction_aborted = activity_waiters_subtransaction_aborted},
	{.committed = event_waiters_committed,
	 .aborted = event_waiters_aborted,
	 .prepared = event_waiters_prepared,
	 .subtransaction_committed = event_waiters_subtransaction_committed,
	 .subtransaction_aborted = event_waiters_subtransaction_aborted},

	/* The launcher may start workers again. */
	{.committed = holds_lower, .aborted = holds_lower, .prepared = holds_lower},

	/* Files last: closing and unlinking them may take a while, and nobody waits for that. */
	{.committed = open_files_close_all,
	 .aborted = open_files_close_all,
	 .prepared = open_files_close_all,
	 .subtransaction_committed = open_files_subtransaction_committed,
	 .subtransaction_aborted = open_files_subtransaction_aborted},
};

void
_PG_init(void)
{
	guc_define();
	transaction_callbacks_install(transaction_parts, lengthof(transaction_parts));
	aws_api_serve_tasks();
	sandbox_install();
	trigger_hook_install();
	view_hook_install();

	if (!process_shared_preload_libraries_in_progress)
		return;
	shared_memory_install_hooks();
	ddl_hook_install();
	if (!IsBinaryUpgrade)
		launcher_register();
}
