/*
 * machine_stats.c
 *	  Counters of state machines, in shared memory.
 *
 * One hash table for the server, by database and machine.  Its lock is taken in
 * shared mode to add to entries that are there, since the counters are atomic, and
 * in exclusive mode to make or drop entries.
 *
 * A process keeps two sets of pending counts: of turns, which are thrown away when
 * the transaction fails, and of synchronous executions, whose work was done even
 * if the caller rolls back.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "port/atomics.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "shared/machine_stats.h"
#include "shared/worker_registry.h"

#define CALLS_AT_ONCE 100
#define CALLS_LONGEST USECS_PER_SEC

typedef struct MachineKey
{
	int64 machine;
	Oid database;
	uint32 zero;
} MachineKey;

typedef struct MachineEntry
{
	MachineKey key;
	pg_atomic_uint64 counts[MACHINE_COUNTERS];
} MachineEntry;

typedef struct MachineStats
{
	LWLock *lock;
	int machine_count; /* entries of single machines */
} MachineStats;

static MachineStats *shared_counts;
static HTAB *machine_entries;

/* ---- what this process has not added yet ---- */

typedef struct PendingEntry
{
	MachineCounts counts; /* first; its machine is the key */
	char status;
} PendingEntry;

#define SH_PREFIX pending
#define SH_ELEMENT_TYPE PendingEntry
#define SH_KEY_TYPE int64
#define SH_KEY counts.machine
#define SH_HASH_KEY(table, key) murmurhash32((uint32) (key))
#define SH_EQUAL(table, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

typedef struct Pending
{
	pending_hash *machines;
	MachineCounts *last; /* most often the next one, too */
	int calls;
	TimestampTz since;
} Pending;

static Pending turn_pending;
static Pending call_pending;

static MachineCounts *pending_counts(Pending *pending, int64 machine);
static void pending_add(Pending *pending);
static void pending_discard(Pending *pending);
static bool is_pending(const Pending *pending);

/* ---- shared memory ---- */

/* Beside the machines, each database may have an entry for those that found no place. */
static long
max_entries(void)
{
	return STAT_MACHINES + REGISTRY_DATABASES;
}

Size
machine_stats_size(void)
{
	return sizeof(MachineStats);
}

Size
machine_stats_table_size(void)
{
	return hash_estimate_size(max_entries(), sizeof(MachineEntry));
}

void
machine_stats_attach(void *part, bool is_new, LWLock *lock)
{
	HASHCTL control = {.keysize = sizeof(MachineKey), .entrysize = sizeof(MachineEntry)};

	shared_counts = part;
	if (is_new)
	{
		shared_counts->lock = lock;
		shared_counts->machine_count = 0;
	}
	machine_entries = ShmemInitHash("sfn statistics of machines", max_entries(), max_entries(), &control,
									HASH_ELEM | HASH_BLOBS | HASH_FIXED_SIZE);
}

static MachineKey
machine_key(Oid database, int64 machine)
{
	MachineKey key;

	key.machine = machine;
	key.database = database;
	key.zero = 0;
	return key;
}

/* With the lock held: the entry to count in; NULL: it is to be made. */
static MachineEntry *
find_entry(const MachineKey *key)
{
	MachineEntry *entry = hash_search(machine_entries, key, HASH_FIND, NULL);
	MachineKey others = machine_key(key->database, STAT_OTHER_MACHINES);

	if (entry != NULL || shared_counts->machine_count < STAT_MACHINES)
		return entry;
	return hash_search(machine_entries, &others, HASH_FIND, NULL);
}

/* With the lock held exclusively: the entry of a machine, or of those without one; NULL: there is no room at all. */
static MachineEntry *
make_entry(int64 machine)
{
	MachineKey key = machine_key(MyDatabaseId, machine);
	MachineEntry *entry = hash_search(machine_entries, &key, HASH_FIND, NULL);

	if (entry != NULL)
		return entry;
	if (machine != STAT_OTHER_MACHINES && shared_counts->machine_count >= STAT_MACHINES)
		return make_entry(STAT_OTHER_MACHINES);
	entry = hash_search(machine_entries, &key, HASH_ENTER_NULL, NULL);
	if (entry == NULL)
		return NULL;
	for (int i = 0; i < MACHINE_COUNTERS; i++)
		pg_atomic_init_u64(&entry->counts[i], 0);
	if (machine != STAT_OTHER_MACHINES)
		shared_counts->machine_count++;
	return entry;
}

/* ---- adding ---- */

static void
raise_to(pg_atomic_uint64 *maximum, uint64 value)
{
	uint64 present = pg_atomic_read_u64(maximum);

	while (present < value && !pg_atomic_compare_exchange_u64(maximum, &present, value))
		;
}

static void
add_to_entry(MachineEntry *entry, const int64 *counts)
{
	for (int i = 0; i < MACHINE_COUNTERS; i++)
	{
		if (i == MACHINE_MAX_EXECUTION_TIME)
			raise_to(&entry->counts[i], (uint64) counts[i]);
		else if (counts[i] != 0)
			pg_atomic_fetch_add_u64(&entry->counts[i], counts[i]);
	}
}

/* Adds what is pending; entries that are not there yet are made in a second round, under the exclusive lock. */
static void
pending_add(Pending *pending)
{
	bool is_missing = false;

	if (!is_pending(pending))
		return;
	for (int round = 0; round == 0 || (round == 1 && is_missing); round++)
	{
		pending_iterator iterator;
		PendingEntry *counted;

		LWLockAcquire(shared_counts->lock, round == 0 ? LW_SHARED : LW_EXCLUSIVE);
		pending_start_iterate(pending->machines, &iterator);
		while ((counted = pending_iterate(pending->machines, &iterator)) != NULL)
		{
			MachineKey key = machine_key(MyDatabaseId, counted->counts.machine);
			MachineEntry *entry;

			entry = round == 0 ? find_entry(&key) : make_entry(counted->counts.machine);
			if (entry == NULL)
			{
				is_missing = true;
				continue;
			}
			add_to_entry(entry, counted->counts.counts);
			memset(counted->counts.counts, 0, sizeof(counted->counts.counts));
		}
		LWLockRelease(shared_counts->lock);
	}
	pending_discard(pending);
}

static bool
is_pending(const Pending *pending)
{
	return pending->machines != NULL && pending->machines->members > 0;
}

static void
pending_discard(Pending *pending)
{
	if (is_pending(pending))
		pending_reset(pending->machines);
	pending->last = NULL;
	pending->calls = 0;
}

/* ---- counting ---- */

/* An executor says itself when its turn is over: what comes from a failed commit must not count. */
void
machine_stats_before_commit(void)
{
	if (my_worker == NULL)
		machine_stats_turn_ended(true);
}

void
machine_stats_aborted(void)
{
	if (my_worker == NULL)
		machine_stats_turn_ended(false);
}

/* Not preloaded: somewhere to count into, which nobody reads. */
static MachineCounts *
nowhere(int64 machine)
{
	static MachineCounts counts;

	memset(&counts, 0, sizeof(counts));
	counts.machine = machine;
	return &counts;
}

static MachineCounts *
pending_counts(Pending *pending, int64 machine)
{
	PendingEntry *entry;
	bool found;

	if (shared_counts == NULL)
		return nowhere(machine);
	if (pending->last != NULL && pending->last->machine == machine)
		return pending->last;
	if (pending->machines == NULL)
		pending->machines = pending_create(TopMemoryContext, 32, NULL);
	entry = pending_insert(pending->machines, machine, &found);
	if (!found)
		memset(entry->counts.counts, 0, sizeof(entry->counts.counts));
	pending->last = &entry->counts;
	return pending->last;
}

MachineCounts *
machine_stats_of_turn(int64 machine)
{
	return pending_counts(&turn_pending, machine);
}

MachineCounts *
machine_stats_of_call(int64 machine)
{
	return pending_counts(&call_pending, machine);
}

/* In a long transaction others see the counts now and then, too. */
void
machine_stats_call_ended(TimestampTz now)
{
	if (call_pending.calls++ == 0)
		call_pending.since = now;
	else if (call_pending.calls >= CALLS_AT_ONCE || now < call_pending.since ||
			 now - call_pending.since >= CALLS_LONGEST)
		pending_add(&call_pending);
}

void
machine_stats_turn_ended(bool is_committed)
{
	if (is_committed)
		pending_add(&turn_pending);
	else
		pending_discard(&turn_pending);
	pending_add(&call_pending);
}

/* ---- dropping and reading ---- */

/* With the lock held exclusively. */
static void
drop_entry(const MachineKey *key)
{
	MachineKey copy = *key;

	if (hash_search(machine_entries, &copy, HASH_REMOVE, NULL) != NULL && copy.machine != STAT_OTHER_MACHINES)
		shared_counts->machine_count--;
}

void
machine_stats_forget(Oid database)
{
	HASH_SEQ_STATUS scan;
	MachineEntry *entry;

	if (shared_counts == NULL)
		return;
	LWLockAcquire(shared_counts->lock, LW_EXCLUSIVE);
	hash_seq_init(&scan, machine_entries);
	while ((entry = hash_seq_search(&scan)) != NULL)
	{
		if (entry->key.database == database)
			drop_entry(&entry->key);
	}
	LWLockRelease(shared_counts->lock);
}

void
machine_stats_drop(const int64 *machines, int count)
{
	if (shared_counts == NULL || count == 0)
		return;
	LWLockAcquire(shared_counts->lock, LW_EXCLUSIVE);
	for (int i = 0; i < count; i++)
	{
		MachineKey key = machine_key(MyDatabaseId, machines[i]);

		drop_entry(&key);
	}
	LWLockRelease(shared_counts->lock);
}

int
machine_stats_read(MachineCounts **counts)
{
	HASH_SEQ_STATUS scan;
	MachineEntry *entry;
	int count = 0;

	*counts = NULL;
	if (shared_counts == NULL)
		return 0;
	*counts = palloc(sizeof(MachineCounts) * max_entries());
	LWLockAcquire(shared_counts->lock, LW_SHARED);
	hash_seq_init(&scan, machine_entries);
	while ((entry = hash_seq_search(&scan)) != NULL)
	{
		MachineCounts *copy = &(*counts)[count];

		if (entry->key.database != MyDatabaseId)
			continue;
		copy->machine = entry->key.machine;
		for (int i = 0; i < MACHINE_COUNTERS; i++)
			copy->counts[i] = (int64) pg_atomic_read_u64(&entry->counts[i]);
		count++;
	}
	LWLockRelease(shared_counts->lock);
	return count;
}
