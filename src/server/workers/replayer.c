/*
 * replayer.c
 *	  Replays of archives: a part of one is put on its bus between turns.
 *
 * The transaction that puts a part says in the replay's row how far it is, so each event is put once, whatever
 * dies.  Replays that are under way take turns.  Databases without any cost nothing: as with schedules
 * (workers/scheduler.c), the table is looked at when a change of it was announced.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "actions/event_replays.h"
#include "shared/relation_watch.h"
#include "shared/worker_registry.h"
#include "store/event_archives.h"
#include "store/store.h"
#include "workers/executor_transaction.h"
#include "workers/replayer.h"

#define AFTER_ERROR (10 * USECS_PER_SEC)
#define AFTER_LOCK USECS_PER_SEC /* somebody is about to cancel what is left, or to delete its archive */

static TimestampTz next_due = 0;
static RelationWatch watch;

static void
put_work(void *arg)
{
	StoreScope scope;

	(void) arg;
	store_enter(&scope);
	relation_watch(&watch, replay_table()); /* a change that is announced from here on counts */
	if (replay_step())
		next_due = GetCurrentTimestamp();
	else
		next_due = replays_are_under_way() ? GetCurrentTimestamp() + AFTER_LOCK : 0;
	store_leave(&scope);
}

static void
give_up_work(void *arg)
{
	StoreScope scope;

	store_enter(&scope);
	replay_give_up(arg);
	store_leave(&scope);
}

/* What the server lacks, a deadlock or whoever stopped us says nothing of the replay: it is tried again. */
static bool
is_its_own(const ErrorData *error)
{
	int category = ERRCODE_TO_CATEGORY(error->sqlerrcode);

	return category != ERRCODE_TRANSACTION_ROLLBACK && category != ERRCODE_INSUFFICIENT_RESOURCES &&
		category != ERRCODE_OPERATOR_INTERVENTION && category != ERRCODE_SYSTEM_ERROR &&
		category != ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE;
}

TimestampTz
replayer_step(void)
{
	TimestampTz now = GetCurrentTimestamp();
	ErrorData *error;

	if (pg_atomic_exchange_u32(&my_database_entry()->replays_changed, 0) != 0)
		watch.is_current = false;
	if (watch.is_current && (next_due == 0 || next_due > now))
		return next_due;
	error = executor_transaction(put_work, NULL);
	if (error == NULL)
		return next_due;
	if (is_its_own(error))
		(void) executor_transaction(give_up_work, error->message);
	watch.is_current = true;
	next_due = now + AFTER_ERROR;
	return next_due;
}
