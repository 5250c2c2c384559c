/*
 * pruner.c
 *	  Retention: what ended long ago is deleted when there is nothing else to do.
 *
 * The permanent executor of a database prunes between turns: a pass begins at most
 * once a minute and walks the executions in steps of one small transaction each.
 * When nothing else is due, step follows step.  Under unbroken load steps have a share
 * of its time all the same, or the tables would grow without end; the helpers go on
 * with the turns.  They have a quarter of it, and what it takes to delete five executions
 * for four that all workers have ended since the last step: so the tables shrink to
 * what is to be kept, however fast the load is.  But in a row they take no longer than twice
 * the time that the turns had since then, and a tenth of a second, for which something due may
 * have to wait.
 */
#include "postgres.h"

#include "pgstat.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "actions/engine_events.h"
#include "settings/guc.h"
#include "shared/machine_stats.h"
#include "shared/quota_accounts.h"
#include "shared/worker_registry.h"
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

/* Beside turns */
#define REST_FACTOR 3  /* how many times as long as steps the turns have, when as much is deleted as ends */
#define SHARE_FACTOR 2 /* how many times as long as the turns steps may take else */
#define LONGEST_SHARE (100 * INT64CONST(1000)) /* microseconds, in a row */

static RetentionPass retention_pass;
static bool is_under_way = false;
static TimestampTz last_pass = 0;

/* Beside turns */
static TimestampTz next_share = 0;
static TimestampTz last_share_ended = 0;
static uint64 ended_until_then = 0; /* executions of this database, by all workers */
static int64 arrears = 0;           /* how many are still to be deleted in return for them */

/* Nobody waits for a deletion: what a crash undoes is deleted once more. */
static void
step_work(void *arg)
{
	(void) arg;
	(void) set_config_option("synchronous_commit", "off", PGC_SUSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
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

static void
count_ended(void)
{
	uint64 ended = pg_atomic_read_u64(&my_database_entry()->ended);

	arrears += (int64) (ended - ended_until_then) * 5 / 4;
	ended_until_then = ended;
}

static bool
is_due(TimestampTz now)
{
	return is_under_way || last_pass == 0 || TimestampDifferenceExceeds(last_pass, now, PASS_INTERVAL_MS);
}

/*
 * Begins a pass: deleted machines first, then executions from the lowest id.
 * A restore that is under way, with rows but nobody's yet, is left alone.
 */
static bool
begin_pass(TimestampTz now)
{
	last_pass = now;
	count_ended();
	arrears = 0;
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

	if (!is_due(now) || (!is_under_way && !begin_pass(now)))
		return false;
	pgstat_report_activity(STATE_RUNNING, "retention");
	error = executor_transaction(step_work, NULL);
	if (error != NULL)
		retention_pass.deleted = 0;
	if (error != NULL && is_refusal(error))
		retention_refused(&retention_pass);
	if (retention_pass.deleted > 0)
		quota_accounts_are_stale();
	/* what this step has deleted too many counts, what steps before did does not */
	arrears = retention_pass.deleted > 0 ? Max(arrears, 0) - retention_pass.deleted : 0;
	is_under_way = (error == NULL || is_refusal(error)) && !retention_pass.is_end;
	return is_under_way;
}

/* There is more that has expired, and less was deleted of it than is to be. */
static bool
is_behind(void)
{
	return is_under_way && retention_pass.deleted > 0 && arrears > 0;
}

void
pruner_beside_turns(void)
{
	TimestampTz began = GetCurrentTimestamp();
	TimestampTz until = began + Min(SHARE_FACTOR * (began - last_share_ended), LONGEST_SHARE);

	if (!is_due(began))
		return;
	count_ended();
	if (began < next_share && !is_behind())
		return;
	do
	{
		(void) pruner_step();
		last_share_ended = GetCurrentTimestamp();
	} while (is_behind() && last_share_ended < until);
	next_share = last_share_ended + REST_FACTOR * (last_share_ended - began);
}
