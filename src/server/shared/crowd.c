/*
 * crowd.c
 *	  Whose work fills a database's executors, and whether others are to have room beside it.
 *
 * All of it is advice that fades by itself: who looks at values that are just changing makes room a turn too early or
 * too late.
 */
#include "postgres.h"

#include <unistd.h>

#include "miscadmin.h"
#include "utils/timestamp.h"

#include "shared/crowd.h"
#include "shared/shares.h"
#include "shared/worker_registry.h"

#define CROWD_LASTS_MS 1000  /* without a turn that could not do all */
#define ROOM_LASTS_MS 10000  /* without light work */
#define HELPER_LASTS_MS 1000 /* without a shared turn */
#define LIGHT_PART 8
#define CROWD_USE (100 * INT64CONST(1000)) /* microseconds, at least, lately: a quarter of an executor */

bool
crowd_note(const Crowd *crowd)
{
	DatabaseEntry *entry;

	if (my_worker == NULL || share_used(SHARE_OF_TURNS, crowd->role, 0) < CROWD_USE)
		return false;
	entry = my_database_entry();
	pg_atomic_write_u32(&entry->crowd_role, crowd->role);
	pg_atomic_write_u64(&entry->crowd_machine, (uint64) crowd->machine);
	pg_atomic_write_u64(&entry->crowd_seen, (uint64) GetCurrentTimestamp());
	return true;
}

void
crowd_note_light(void)
{
	if (my_worker != NULL)
		pg_atomic_write_u64(&my_database_entry()->light_seen, (uint64) GetCurrentTimestamp());
}

bool
is_light_beside(const Crowd *crowd, Oid role)
{
	return role != crowd->role &&
		share_used(SHARE_OF_TURNS, role, 0) < share_used(SHARE_OF_TURNS, crowd->role, 0) / LIGHT_PART;
}

static bool
was_lately(TimestampTz moment, TimestampTz now, int milliseconds)
{
	return moment != 0 && !TimestampDifferenceExceeds(moment, now, milliseconds);
}

bool
crowd_makes_room(Crowd *crowd)
{
	DatabaseEntry *entry = my_database_entry();
	TimestampTz now;

	if (pg_atomic_read_u64(&entry->light_seen) == 0)
		return false;
	now = GetCurrentTimestamp();
	crowd->role = pg_atomic_read_u32(&entry->crowd_role);
	crowd->machine = (int64) pg_atomic_read_u64(&entry->crowd_machine);
	return was_lately((TimestampTz) pg_atomic_read_u64(&entry->crowd_seen), now, CROWD_LASTS_MS) &&
		was_lately((TimestampTz) pg_atomic_read_u64(&entry->light_seen), now, ROOM_LASTS_MS);
}

void
crowd_turn(bool does_something)
{
	my_worker->shared_turn = does_something ? GetCurrentTimestamp() : 0;
}

/* Helpers that share turns, in slots before the last one. */
static int
helpers_before(int last)
{
	TimestampTz now = GetCurrentTimestamp();
	int count = 0;

	for (int i = 1; i < last; i++)
	{
		const WorkerSlot *slot = &worker_registry->slots[i];

		if (slot->database == MyDatabaseId && !slot->is_permanent && slot->role == WORKER_EXECUTOR &&
			slot->state == WORKER_BUSY && !OidIsValid(slot->place_role) &&
			was_lately(slot->shared_turn, now, HELPER_LASTS_MS))
			count++;
	}
	return count;
}

bool
crowd_has_helper(void)
{
	return helpers_before(worker_registry->slot_count) > 0;
}

bool
crowd_wants_helper(void)
{
	static long processors = 0;

	if (processors == 0)
		processors = sysconf(_SC_NPROCESSORS_ONLN);
	return helpers_before((int) (my_worker - worker_registry->slots)) < Max(processors - 1, 1);
}
