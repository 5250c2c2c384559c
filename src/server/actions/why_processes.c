/*
 * why_processes.c
 *	  Of sfn.why(): who holds a lock, and why no executor takes a task.
 *
 * What another session runs is shown to those to whom pg_stat_activity shows it.
 */
#include "postgres.h"

#include "catalog/pg_authid.h"
#include "commands/dbcommands.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"

#include "actions/why_rows.h"
#include "shared/task_places.h"
#include "store/waits.h"

#define MAX_HOLDERS 10

/* ---- locks ---- */

static bool
may_see_query(Oid viewer, Oid role)
{
	return has_privs_of_role(viewer, ROLE_PG_READ_ALL_STATS) || (OidIsValid(role) && has_privs_of_role(viewer, role));
}

static const char *
holder_detail(const LockHolder *holder, Oid viewer)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfo(&text, "%s, held by ", holder->lock);
	if (holder->pid == 0)
		appendStringInfoString(&text, "a prepared transaction");
	else
		appendStringInfo(&text, "process %d", holder->pid);
	if (holder->role_name != NULL)
		appendStringInfo(&text, " of role \"%s\"", holder->role_name);
	if (may_see_query(viewer, holder->role) && holder->query != NULL)
		appendStringInfo(&text, ": %s", holder->query);
	return text.data;
}

static void
add_holders(Waiter *waiter, const char *state, const LockHolder *holders, int count)
{
	for (int i = 0; i < count; i++)
	{
		const LockHolder *holder = &holders[i];
		WhyRow *row =
			why_add(waiter, state, "a lock", holder_detail(holder, waiter->why->call->scope.caller), holder->since);

		row->pid = holder->pid;
		if (holder->pid == 0)
			why_ended_by(row, "who has prepared it, and superusers", "SELECT gid, owner FROM pg_prepared_xacts");
		else
			why_ended_by(row, "the session itself, its role and superusers",
						 psprintf("SELECT pg_terminate_backend(%d)", holder->pid));
	}
}

void
why_locked(Waiter *waiter, const char *state, int pid)
{
	LockHolder *holders;
	int count = lock_holders(pid, MAX_HOLDERS, &holders);

	add_holders(waiter, state, holders, count);
}

void
why_row_locked(Waiter *waiter)
{
	LockHolder *holders;
	int count = row_holders(waiter->id, MAX_HOLDERS, &holders);

	add_holders(waiter, NULL, holders, count);
}

/* ---- executors ---- */

/* Why a task of the role that runs alone has no executor; *setting is what would give it one. */
static const char *
helper_reason(Oid role, const PlacesNow *now, const char **setting)
{
	*setting = NULL;
	if (now->places == 0 && now->has_no_process)
	{
		*setting = psprintf("ALTER SYSTEM SET max_worker_processes = %d", 2 * max_worker_processes);
		return psprintf("no worker process: max_worker_processes (%d) are all in use", max_worker_processes);
	}
	if (now->taken < now->may_be - (now->held > 0))
		return "one is about to take it";
	*setting = psprintf("ALTER DATABASE %s SET sfn.max_workers = %d", quote_identifier(get_database_name(MyDatabaseId)),
						2 * (now->may_be + 1));
	if (now->taken < now->may_be)
		return psprintf("tasks of role \"%s\" hold %d of %d, and the last one is for another role", why_role_name(role),
						now->held, now->may_be);
	return psprintf("all %d run tasks, process %d of role \"%s\" for longest", now->taken, now->longest_pid,
					why_role_name(now->longest_role));
}

void
why_no_helper(Waiter *waiter, const char *state, const char *resource, TimestampTz since)
{
	PlacesNow now;
	const char *setting;
	const char *reason;
	WhyRow *row;

	task_places_now(waiter->machine->role, &now);
	reason = helper_reason(waiter->machine->role, &now, &setting);
	row = why_add(waiter, state, "a helper", psprintf("an executor for %s: %s", resource, reason), since);
	row->pid = now.longest_pid;
	if (setting != NULL)
		why_ended_by(row, "a superuser", setting);
	else
		why_ended_by_stop(row, waiter);
}
