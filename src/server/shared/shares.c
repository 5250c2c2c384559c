/*
 * shares.c
 *	  What roles and their state machines have used lately of a database's executors.
 *
 * A bounded table: where there is no room, who has used least of those in the way is forgotten, which is as if he had
 * begun just now.  Turns read it only when they have more than one machine to choose from, and write it once.
 */
#include "postgres.h"

#include <math.h>

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/timestamp.h"

#include "shared/shares.h"

#define SHARE_SLOTS 4096
#define SHARE_PROBES 8
#define HALF_LIFE (250 * INT64CONST(1000)) /* microseconds */

typedef struct ShareKey
{
	Oid database; /* InvalidOid: free */
	Oid role;
	int64 machine;
	int64 kind; /* ShareKind; as wide as it is, the key has no gaps */
} ShareKey;

typedef struct Share
{
	ShareKey key;
	TimestampTz since; /* when used was so much */
	double used;
} Share;

typedef struct ShareTable
{
	LWLock *lock;
	Share slots[SHARE_SLOTS];
} ShareTable;

static ShareTable *share_table;

Size
shares_size(void)
{
	return sizeof(ShareTable);
}

void
shares_attach(void *part, bool is_new, LWLock *lock)
{
	share_table = part;
	if (!is_new)
		return;
	memset(share_table, 0, sizeof(ShareTable));
	share_table->lock = lock;
}

static double
used_now(const Share *share, TimestampTz now)
{
	return now > share->since ? share->used * exp2(-(double) (now - share->since) / HALF_LIFE) : share->used;
}

/* Where the key is; NULL: nowhere.  In *instead, where it may be put. */
static Share *
find_share(const ShareKey *key, TimestampTz now, Share **instead)
{
	uint32 hash = hash_bytes((const unsigned char *) key, sizeof(ShareKey));

	*instead = NULL;
	for (int i = 0; i < SHARE_PROBES; i++)
	{
		Share *share = &share_table->slots[(hash + i) % SHARE_SLOTS];

		if (memcmp(&share->key, key, sizeof(ShareKey)) == 0)
			return share;
		if (*instead == NULL || used_now(share, now) < used_now(*instead, now))
			*instead = share;
	}
	return NULL;
}

int64
share_used(ShareKind kind, Oid role, int64 machine)
{
	ShareKey key = {.database = MyDatabaseId, .role = role, .machine = machine, .kind = kind};
	TimestampTz now = GetCurrentTimestamp();
	Share *instead;
	const Share *share;
	int64 result;

	if (share_table == NULL)
		return 0;
	LWLockAcquire(share_table->lock, LW_SHARED);
	share = find_share(&key, now, &instead);
	result = share != NULL ? (int64) used_now(share, now) : 0;
	LWLockRelease(share_table->lock);
	return result;
}

static void
add_to(const ShareKey *key, int64 microseconds, TimestampTz now)
{
	Share *instead;
	Share *share = find_share(key, now, &instead);

	if (share == NULL)
	{
		share = instead;
		share->key = *key;
		share->used = 0;
	}
	share->used = used_now(share, now) + microseconds;
	share->since = now;
}

void
share_add(ShareKind kind, Oid role, int64 machine, int64 microseconds, int64 weighed)
{
	ShareKey of_machine = {.database = MyDatabaseId, .role = role, .machine = machine, .kind = kind};
	ShareKey of_role = {.database = MyDatabaseId, .role = role, .kind = kind};
	TimestampTz now = GetCurrentTimestamp();

	if (share_table == NULL || microseconds <= 0)
		return;
	LWLockAcquire(share_table->lock, LW_EXCLUSIVE);
	add_to(&of_machine, weighed, now);
	add_to(&of_role, microseconds, now);
	LWLockRelease(share_table->lock);
}
