/*
 * verdicts.c
 *	  What the workers have learnt about SQL functions and states.
 *
 * A direct-mapped table of atomic words: the upper bits of the key, and the state
 * in the lowest byte.
 *
 *	0				may share a turn
 *	1 .. 31			as many fast runs alone are wanted first
 *	TRIED + n		may share a turn, though the last n tries took too long
 *	ON_TRIAL		somebody was sent to run it alone for the first time and has not told yet
 *	RESTRICTED		never, as it is defined now
 *	HEAVY			a state, which does not share a turn; none other has an entry
 *
 * One try that took too long says little: somebody may have held a lock for a
 * moment, or the machine was busy.  Only that task runs alone then.  When it
 * happens several times without a success between, it is the function.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/pg_proc.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "port/atomics.h"
#include "utils/syscache.h"

#include "shared/verdicts.h"

#define VERDICT_SLOTS 4096
#define FAST_MICROSECONDS 5000
#define RUNS_AFTER_TOO_LONG 10
#define TRIED 32
#define TRIES 4
#define ON_TRIAL 253
#define HEAVY 254
#define RESTRICTED 255
#define LIGHT_MICROSECONDS 10000

typedef struct VerdictTable
{
	pg_atomic_uint64 slots[VERDICT_SLOTS];
	pg_atomic_uint32 knows_heavy; /* some state is or was: most servers never look one up */
} VerdictTable;

static VerdictTable *verdict_table;

Size
verdicts_size(void)
{
	return sizeof(VerdictTable);
}

void
verdicts_attach(void *part, bool is_new, LWLock *lock)
{
	verdict_table = part;
	if (is_new)
		pg_atomic_init_u32(&verdict_table->knows_heavy, 0);
	for (int i = 0; is_new && i < VERDICT_SLOTS; i++)
		pg_atomic_init_u64(&verdict_table->slots[i], 0);
}

uint64
verdict_key(Oid function)
{
	HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	struct
	{
		Oid database;
		Oid function;
		TransactionId xmin;
		ItemPointerData tid;
		uint16 zero;
	} identity;
	uint64 key;

	if (!HeapTupleIsValid(tuple))
		return 0;
	memset(&identity, 0, sizeof(identity));
	identity.database = MyDatabaseId;
	identity.function = function;
	identity.xmin = HeapTupleHeaderGetRawXmin(tuple->t_data);
	identity.tid = tuple->t_self;
	ReleaseSysCache(tuple);
	key = hash_bytes_extended((const unsigned char *) &identity, sizeof(identity), 0);
	return key & ~UINT64CONST(0xff);
}

uint64
verdict_key_of_text(const char *statement)
{
	return hash_bytes_extended((const unsigned char *) statement, (int) strlen(statement), MyDatabaseId) &
		~UINT64CONST(0xff);
}

/* One run alone is wanted of a function not seen before. */
static int
state_of(uint64 key)
{
	uint64 word;

	if (verdict_table == NULL)
		return 1;
	word = pg_atomic_read_u64(&verdict_table->slots[(key >> 8) % VERDICT_SLOTS]);
	return (word & ~UINT64CONST(0xff)) == key && word != 0 ? (int) (word & 0xff) : 1;
}

static void
set_state(uint64 key, int state)
{
	if (verdict_table != NULL && key != 0)
		pg_atomic_write_u64(&verdict_table->slots[(key >> 8) % VERDICT_SLOTS], key | (uint64) state);
}

static bool
is_tried(int state)
{
	return state > TRIED && state < TRIED + TRIES;
}

bool
verdict_may_share(uint64 key)
{
	int state = state_of(key);

	return key != 0 && (state == 0 || is_tried(state));
}

bool
verdict_is_on_trial(uint64 key)
{
	uint64 word;

	if (verdict_table == NULL || key == 0)
		return false;
	word = pg_atomic_read_u64(&verdict_table->slots[(key >> 8) % VERDICT_SLOTS]);
	if (word == (key | ON_TRIAL))
		return true;
	if ((word & ~UINT64CONST(0xff)) != key)
		set_state(key, ON_TRIAL);
	return false;
}

void
verdict_shared_turn(uint64 key)
{
	if (is_tried(state_of(key)))
		set_state(key, 0);
}

void
verdict_ran_alone(uint64 key, int64 microseconds)
{
	int wanted = state_of(key);

	if (wanted == ON_TRIAL)
		wanted = 1;
	if (wanted >= TRIED)
		return;
	if (microseconds > FAST_MICROSECONDS)
		set_state(key, Max(wanted, 1));
	else if (wanted > 0)
		set_state(key, wanted - 1);
}

void
verdict_took_too_long(uint64 key)
{
	int state = state_of(key);

	if (state == 0)
		set_state(key, TRIED + 1);
	else if (is_tried(state + 1))
		set_state(key, state + 1);
	else if (state != RESTRICTED)
		set_state(key, RUNS_AFTER_TOO_LONG);
}

void
verdict_is_restricted(uint64 key)
{
	set_state(key, RESTRICTED);
}

/* ---- states ---- */

/* Another revision has other keys. */
static uint64
key_of_state(int64 revision, int state, bool is_entered)
{
	int64 identity[3] = {revision, state * INT64CONST(2) + is_entered, MyDatabaseId};

	return hash_bytes_extended((const unsigned char *) identity, sizeof(identity), HEAVY) & ~UINT64CONST(0xff);
}

static bool
knows_heavy(void)
{
	return verdict_table != NULL && pg_atomic_read_u32(&verdict_table->knows_heavy) != 0;
}

bool
verdict_state_is_heavy(int64 revision, int state, bool is_entered)
{
	return knows_heavy() && state_of(key_of_state(revision, state, is_entered)) == HEAVY;
}

void
verdict_state_took(int64 revision, int state, bool is_entered, int64 microseconds)
{
	uint64 key;

	if (verdict_table == NULL || (microseconds < LIGHT_MICROSECONDS && !knows_heavy()))
		return;
	key = key_of_state(revision, state, is_entered);
	if (microseconds >= LIGHT_MICROSECONDS)
	{
		set_state(key, HEAVY);
		pg_atomic_write_u32(&verdict_table->knows_heavy, 1);
	}
	else if (state_of(key) == HEAVY)
		set_state(key, 0);
}
