/*
 * activity_waiters.c
 *	  Sessions that wait for a task of an activity, and waking them.
 *
 * Each backend has a place of its own in shared memory, by its number; a commit
 * that brings tasks wakes as many of those who wait for that activity.  No wake-up
 * is lost: a waiter shows itself before it takes the snapshot of its look, and the
 * callback runs when the commit is visible.  Who was woken and takes nothing passes
 * the wake-up on.  Like that of wakeup.c, the callback must not fail, allocate or
 * wait: a place is three words and an atomic state.
 *
 * A slow look from time to time covers what no callback tells: prepared transactions.
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "port/atomics.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "storage/shmem.h"
#include "utils/memutils.h"

#include "settings/guc.h"
#include "shared/activity_waiters.h"
#include "shared/worker_registry.h"

#define FIRST_PAUSE_MS 10
#define LONGEST_PAUSE_MS 1000

typedef enum WaiterState
{
	WAITER_NONE = 0,
	WAITER_WAITING,
	WAITER_WOKEN
} WaiterState;

typedef struct Waiter
{
	pg_atomic_uint32 state;
	volatile Oid database;
	volatile int64 activity;
	volatile uint32 proc;
} Waiter;

typedef struct Waiters
{
	pg_atomic_uint32 count; /* about how many wait */
	int size;
	Waiter places[FLEXIBLE_ARRAY_MEMBER];
} Waiters;

static Waiters *waiting_sessions = NULL;
static Waiter *my_place = NULL; /* while this session waits */
static int my_level;            /* the (sub)transaction that waits */

/* Activities of this transaction, int64 each, in TopTransactionContext. */
static List *new_tasks = NIL;
static List *taken_tasks = NIL;
static bool has_given_back = false;

static List *remember(List *list, int64 activity_id);
static void wake_all(List *activities);
static void wake_one(int64 activity_id);

/* ---- shared memory ---- */

Size
activity_waiters_size(void)
{
	return add_size(offsetof(Waiters, places), mul_size(MaxBackends, sizeof(Waiter)));
}

void
activity_waiters_attach(void *part, bool is_new, LWLock *lock)
{
	waiting_sessions = part;
	if (!is_new)
		return;
	memset(waiting_sessions, 0, activity_waiters_size());
	waiting_sessions->size = MaxBackends;
	pg_atomic_init_u32(&waiting_sessions->count, 0);
	for (int i = 0; i < waiting_sessions->size; i++)
		pg_atomic_init_u32(&waiting_sessions->places[i].state, WAITER_NONE);
}

/* ---- during the transaction ---- */

void
activity_wake_at_commit(int64 activity_id)
{
	if (waiting_sessions != NULL)
		new_tasks = remember(new_tasks, activity_id);
}

void
activity_note_taken(int64 activity_id)
{
	if (waiting_sessions != NULL)
		taken_tasks = remember(taken_tasks, activity_id);
}

static List *
remember(List *list, int64 activity_id)
{
	MemoryContext caller_context = MemoryContextSwitchTo(TopTransactionContext);
	int64 *note = palloc(sizeof(int64));

	*note = activity_id;
	list = lappend(list, note);
	MemoryContextSwitchTo(caller_context);
	return list;
}

/* ---- waiting ---- */

void
activity_wait_arm(int64 activity_id)
{
	if (waiting_sessions == NULL)
		return;
	if (my_place == NULL)
	{
		uint32 proc = my_proc_number();

		if (proc >= (uint32) waiting_sessions->size)
			return;
		my_place = &waiting_sessions->places[proc];
		my_level = GetCurrentTransactionNestLevel();
		my_place->database = MyDatabaseId;
		my_place->activity = activity_id;
		my_place->proc = proc;
		pg_atomic_fetch_add_u32(&waiting_sessions->count, 1);
	}
	(void) pg_atomic_exchange_u32(&my_place->state, WAITER_WAITING); /* a full barrier */
}

void
activity_wait_end(void)
{
	Waiter *place = my_place;

	if (place == NULL)
		return;
	my_place = NULL;
	pg_atomic_fetch_sub_u32(&waiting_sessions->count, 1);
	if (pg_atomic_exchange_u32(&place->state, WAITER_NONE) == WAITER_WOKEN && place->activity != ANY_ACTIVITY)
		wake_one(place->activity);
}

long
activity_wait_pause(int looks)
{
	if (my_place != NULL) /* what has woken it while it looked may have been a latch that the look itself has reset */
		return pg_atomic_read_u32(&my_place->state) == WAITER_WOKEN ? 0 : sfn_poll_interval;
	return Min(FIRST_PAUSE_MS << Min(looks, 10), LONGEST_PAUSE_MS);
}

/* ---- at the transaction's end ---- */

void
activity_waiters_committed(void)
{
	wake_all(new_tasks);
	if (has_given_back)
		wake_all(taken_tasks);
	activity_waiters_forget();
}

void
activity_waiters_aborted(void)
{
	activity_wait_end();
	wake_all(taken_tasks);
	activity_waiters_forget();
}

void
activity_waiters_forget(void)
{
	new_tasks = taken_tasks = NIL;
	has_given_back = false;
}

/* A task that a savepoint's rollback gave back is there again at the end. */
void
activity_waiters_subtransaction_aborted(int level)
{
	if (my_place != NULL && level <= my_level)
		activity_wait_end();
	if (taken_tasks != NIL)
		has_given_back = true;
}

static void
wake_all(List *activities)
{
	if (activities == NIL || waiting_sessions == NULL)
		return;
	pg_memory_barrier();
	for (int i = 0; i < list_length(activities); i++)
	{
		if (pg_atomic_read_u32(&waiting_sessions->count) == 0)
			return;
		wake_one(*(int64 *) list_nth(activities, i));
	}
}

/* One of those who wait for it and have not been woken yet, and all who wait for any. */
static void
wake_one(int64 activity_id)
{
	bool is_awake = false; /* the one */

	for (int i = 0; i < waiting_sessions->size; i++)
	{
		Waiter *place = &waiting_sessions->places[i];
		uint32 expected = WAITER_WAITING;

		bool is_any = place->activity == ANY_ACTIVITY;

		if (pg_atomic_read_u32(&place->state) != WAITER_WAITING || place->database != MyDatabaseId ||
			(!is_any && (is_awake || place->activity != activity_id)))
			continue;
		if (!pg_atomic_compare_exchange_u32(&place->state, &expected, WAITER_WOKEN))
			continue;
		wake_process(place->proc);
		is_awake = is_awake || !is_any;
	}
}
