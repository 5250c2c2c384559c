/*
 * event_waiters.c
 *	  Sessions that wait for an event: what they wait for, and handing it to them at a commit.
 *
 * Each backend has a place of its own in shared memory, by its number, with the pattern
 * and a ticket that no other wait ever has.  Whoever has an event looks at the places as its transaction ends (actions/event_waiting.c),
 * leaves what matches in a row under the ticket, and wakes the waiter when that is committed.
 * So an event that is rolled back is never seen, and a crash of either leaves a row at most.
 *
 * A place is written by its owner alone while it has no ticket; a reader who finds the same
 * ticket before and behind a copy has copied what belongs to it.  Like that of wakeup.c the callback at the commit must not fail,
 * allocate or wait.
 *
 * No event is missed between a look at the places and the commit: who has looked says so in
 * its own place, and who begins to wait shows itself first and then waits for those who
 * were committing.  Each of the two does a full barrier between, so one sees the other.
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "port/atomics.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "events/event_pattern.h"
#include "shared/event_waiters.h"
#include "shared/level_notes.h"
#include "shared/worker_registry.h"

#define IS_GIVEN (UINT64CONST(1) << 63)
#define PAUSE_MS 1

typedef struct Place
{
	pg_atomic_uint64 ticket;  /* 0: does not wait; with IS_GIVEN: an event has been committed for it */
	pg_atomic_uint32 commits; /* odd: has looked at the places, and has not committed yet */
	Oid database;
	Oid role;
	uint32 proc;
	int64 bus_id;
	char pattern[EVENT_PATTERN_MAX_BYTES + 1];
} Place;

typedef struct Places
{
	pg_atomic_uint32 count; /* how many wait */
	pg_atomic_uint64 generation;
	int size;
	Place places[FLEXIBLE_ARRAY_MEMBER];
} Places;

typedef struct GivenNote
{
	LevelNote of;
	int place;
	int64 ticket;
} GivenNote;

static Places *event_places = NULL;
static Place *my_wait = NULL;   /* while this session waits */
static int my_level;            /* the (sub)transaction that waits */
static Place *my_commit = NULL; /* while this session has looked and not committed */
static List *given = NIL;       /* GivenNotes of this transaction, in TopTransactionContext */

/* ---- shared memory ---- */

Size
event_waiters_size(void)
{
	return add_size(offsetof(Places, places), mul_size(MaxBackends, sizeof(Place)));
}

void
event_waiters_attach(void *part, bool is_new, LWLock *lock)
{
	event_places = part;
	if (!is_new)
		return;
	memset(event_places, 0, event_waiters_size());
	event_places->size = MaxBackends;
	pg_atomic_init_u32(&event_places->count, 0);
	pg_atomic_init_u64(&event_places->generation, 1);
	for (int i = 0; i < event_places->size; i++)
	{
		pg_atomic_init_u64(&event_places->places[i].ticket, 0);
		pg_atomic_init_u32(&event_places->places[i].commits, 0);
	}
}

/* NULL: not preloaded, or a process that is no backend. */
static Place *
my_place(void)
{
	uint32 proc = my_proc_number();

	return event_places != NULL && proc < (uint32) event_places->size ? &event_places->places[proc] : NULL;
}

/* ---- waiting ---- */

static uint64
new_ticket(void)
{
	uint64 ticket;

	if (!pg_strong_random(&ticket, sizeof(ticket)))
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate a random number")));
	return (ticket & ~IS_GIVEN) | 1;
}

static bool
is_given(Place *place)
{
	return (pg_atomic_read_u64(&place->ticket) & IS_GIVEN) != 0;
}

/* Whoever looked at the places before this one was there. */
static void
wait_for_commits(Place *mine, TimestampTz deadline)
{
	for (int i = 0; i < event_places->size; i++)
	{
		pg_atomic_uint32 *commits = &event_places->places[i].commits;
		uint32 before = pg_atomic_read_u32(commits);

		while (before % 2 == 1 && &event_places->places[i] != mine && pg_atomic_read_u32(commits) == before &&
			   !is_given(mine) && GetCurrentTimestamp() < deadline)
		{
			(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, PAUSE_MS, PG_WAIT_EXTENSION);
			ResetLatch(MyLatch);
			CHECK_FOR_INTERRUPTS();
		}
	}
}

int64
event_wait_begin(int64 bus_id, Oid role, const char *pattern, TimestampTz deadline)
{
	Place *place = my_place();
	uint64 ticket = new_ticket();

	if (place == NULL)
		elog(ERROR, "this process cannot wait for an event");
	place->database = MyDatabaseId;
	place->role = role;
	place->proc = my_proc_number();
	place->bus_id = bus_id;
	strlcpy(place->pattern, pattern, sizeof(place->pattern));
	my_wait = place;
	my_level = GetCurrentTransactionNestLevel();
	pg_write_barrier();
	pg_atomic_write_u64(&place->ticket, ticket);
	(void) pg_atomic_fetch_add_u64(&event_places->generation, 1);
	(void) pg_atomic_fetch_add_u32(&event_places->count, 1); /* a full barrier */
	wait_for_commits(place, deadline);
	return (int64) ticket;
}

bool
event_wait_is_told(void)
{
	return my_wait != NULL && is_given(my_wait);
}

void
event_wait_end(void)
{
	if (my_wait == NULL)
		return;
	pg_atomic_write_u64(&my_wait->ticket, 0);
	pg_atomic_fetch_sub_u32(&event_places->count, 1);
	my_wait = NULL;
}

/* ---- giving ---- */

bool
event_waiters_are_possible(void)
{
	return event_places != NULL;
}

bool
event_waiters_exist(void)
{
	return event_places != NULL && pg_atomic_read_u32(&event_places->count) > 0;
}

bool
event_waiters_exist_at_commit(void)
{
	if (my_commit == NULL)
	{
		my_commit = my_place();
		if (my_commit == NULL)
			return false;
		(void) pg_atomic_fetch_add_u32(&my_commit->commits, 1); /* a full barrier */
	}
	return event_waiters_exist();
}

uint64
event_waiters_generation(void)
{
	return pg_atomic_read_u64(&event_places->generation);
}

int
event_waiters_read(EventWaiter **waiters)
{
	int count = 0;

	*waiters = palloc(sizeof(EventWaiter) * event_places->size);
	for (int i = 0; i < event_places->size; i++)
	{
		Place *place = &event_places->places[i];
		uint64 ticket = pg_atomic_read_u64(&place->ticket);
		EventWaiter waiter = {.place = i, .ticket = (int64) ticket};
		char pattern[EVENT_PATTERN_MAX_BYTES + 1];
		Oid database;

		if (ticket == 0 || (ticket & IS_GIVEN) != 0)
			continue;
		pg_read_barrier();
		database = place->database;
		waiter.bus_id = place->bus_id;
		waiter.role = place->role;
		memcpy(pattern, place->pattern, sizeof(pattern));
		pg_read_barrier();
		if (database != MyDatabaseId || pg_atomic_read_u64(&place->ticket) != ticket)
			continue;
		waiter.pattern = pstrdup(pattern);
		(*waiters)[count++] = waiter;
	}
	return count;
}

bool
event_waiter_wants(const EventWaiter *waiter)
{
	for (int i = 0; i < list_length(given); i++)
	{
		if (((GivenNote *) list_nth(given, i))->ticket == waiter->ticket)
			return false;
	}
	return pg_atomic_read_u64(&event_places->places[waiter->place].ticket) == (uint64) waiter->ticket;
}

void
event_waiter_give_at_commit(const EventWaiter *waiter)
{
	MemoryContext caller_context = MemoryContextSwitchTo(TopTransactionContext);
	GivenNote *note = palloc(sizeof(GivenNote));

	note->place = waiter->place;
	note->ticket = waiter->ticket;
	note->of.level = GetCurrentTransactionNestLevel();
	given = lappend(given, note);
	MemoryContextSwitchTo(caller_context);
}

/* ---- at the transaction's end ---- */

static void
forget(void)
{
	given = NIL;
	if (my_commit != NULL)
		(void) pg_atomic_fetch_add_u32(&my_commit->commits, 1);
	my_commit = NULL;
}

void
event_waiters_committed(void)
{
	for (int i = 0; i < list_length(given); i++)
	{
		GivenNote *note = list_nth(given, i);
		Place *place = &event_places->places[note->place];
		uint64 expected = (uint64) note->ticket;

		if (pg_atomic_compare_exchange_u64(&place->ticket, &expected, expected | IS_GIVEN))
			wake_process(place->proc);
	}
	forget();
}

void
event_waiters_aborted(void)
{
	event_wait_end();
	forget();
}

/* Waiters find what was prepared when they look by themselves. */
void
event_waiters_prepared(void)
{
	forget();
}

void
event_waiters_subtransaction_committed(int level)
{
	level_notes_committed(given, level);
}

void
event_waiters_subtransaction_aborted(int level)
{
	if (my_wait != NULL && level <= my_level)
		event_wait_end();
	given = level_notes_aborted(given, level);
}
