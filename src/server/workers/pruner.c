/*
 * pruner.c
 *	  Retention: what ended long ago is deleted when there is nothing else to do.
 *
 * The permanent executor of a database prunes between turns: a pass begins at most
 * once a minute and walks the executions in steps of one small transaction each,
 * with turns in between.  Under unbroken load steps get half of its time all the same,
 * or the tables would grow without end; the helpers go on with the turns.
 */
#include "postgres.h"

#include "pgstat.h"
#include "utils/timestamp.h"

#include "actions/engine_events.h"
#include "settings/guc.h"
#include "shared/machine_stats.h"
#include "shared/quota_accounts.h"
#include "store/access_keys.h"
#include "store/awaited_events.h"
#include "store/buckets.h"
#include "store/event_archives.h"
#include "store/event_rules.h"
#include "store/grants.h"
#include "store/instance.h"
#include "store/links.h"
#include "store/machines.h"
#include "store/retention.h"
#include "store/store.h"
#include "workers/executor_transaction.h"
#include "workers/pruner.h"

#define PASS_INTERVAL_MS (60 * 1000)
#define DEAD_LETTER_AGE (14 * USECS_PER_DAY)
#define AWAITED_AGE USECS_PER_HOUR
#define REPLAY_AGE (90 * USECS_PER_DAY)
#define ARCHIVED_EVENTS_PER_PASS 100000
#define ARCHIVE_COUNTS_PER_PASS 100000
#define REST_FACTOR 1 /* how many times as long as a step the turns have, when they compete */

static RetentionPass retention_pass;
static bool is_under_way = false;
static TimestampTz last_pass = 0;
static TimestampTz next_step_beside_turns = 0;

static void
step_work(void *arg)
{
	(void) arg;
	retention_step(&retention_pass);
}

/* What was counted for machines that are deleted makes room. */
static void
drop_statistics(void)
{
	MachineCounts *counts;
	int count = machine_stats_read(&counts);
	int64 *ids = palloc(sizeof(int64) * (count + 1));
	StoreScope scope;

	for (int i = 0; i < count; i++)
		ids[i] = counts[i].machine;
	store_enter(&scope);
	count = machines_that_are_deleted(ids, count);
	store_leave(&scope);
	machine_stats_drop(ids, count);
}

static void
machines_work(void *arg)
{
	StoreScope scope;

	(void) arg;
	if (instance_check() != INSTANCE_OURS)
	{
		retention_pass.is_end = true;
		return;
	}
	(void) retention_finish_machines();
	store_enter(&scope);
	grants_prune();
	buckets_prune();
	access_secrets_prune();
	gateway_starts_prune(GetCurrentTimestamp());
	dead_letters_prune(GetCurrentTimestamp() - DEAD_LETTER_AGE);
	awaited_events_prune(GetCurrentTimestamp() - AWAITED_AGE);
	archived_events_prune(GetCurrentTimestamp(), ARCHIVED_EVENTS_PER_PASS);
	archive_counts_add_up(ARCHIVE_COUNTS_PER_PASS);
	replays_prune(GetCurrentTimestamp() - REPLAY_AGE);
	links_prune(GetCurrentTimestamp());
	store_leave(&scope);
	(void) engine_event_tell(ENGINE_BACKLOG, 0);
	drop_statistics();
}

/*
 * Begins a pass when one is due: deleted machines first, then executions from the lowest id.
 * A restore that is under way, with rows but nobody's yet, is left alone.
 */
static bool
begin_pass(TimestampTz now)
{
	if (last_pass != 0 && !TimestampDifferenceExceeds(last_pass, now, PASS_INTERVAL_MS))
		return false;
	last_pass = now;
	retention_begin(&retention_pass);
	pgstat_report_activity(STATE_RUNNING, "retention");
	is_under_way = executor_transaction(machines_work, NULL) == NULL && !retention_pass.is_end;
	return is_under_way;
}

/* Somebody's foreign key or trigger on our tables wants to keep rows. */
static bool
is_refusal(const ErrorData *error)
{
	int category = ERRCODE_TO_CATEGORY(error->sqlerrcode);

	return category == ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION || category == ERRCODE_PLPGSQL_ERROR;
}

bool
pruner_step(void)
{
	TimestampTz now = GetCurrentTimestamp();
	ErrorData *error;

	if (!is_under_way && !begin_pass(now))
		return false;
	pgstat_report_activity(STATE_RUNNING, "retention");
	error = executor_transaction(step_work, NULL);
	if (error != NULL && is_refusal(error))
		retention_refused(&retention_pass);
	if (error == NULL && retention_pass.deleted > 0)
		quota_accounts_are_stale();
	is_under_way = (error == NULL || is_refusal(error)) && !retention_pass.is_end;
	next_step_beside_turns = GetCurrentTimestamp() + REST_FACTOR * (GetCurrentTimestamp() - now);
	return is_under_way;
}

bool
pruner_is_due(void)
{
	TimestampTz now = GetCurrentTimestamp();

	return now >= next_step_beside_turns &&
		(is_under_way || last_pass == 0 || TimestampDifferenceExceeds(last_pass, now, PASS_INTERVAL_MS));
}
