/*
 * shared_memory.c
 *	  What sfn keeps in the server's shared memory.
 *
 * The server asks a preloaded library twice: how much it wants, and to set up what
 * it got.  Here both are said once for all parts.  A part that is new, or that has more
 * to keep, is a row of the table and the functions that it names.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"

#include "shared/activity_waiters.h"
#include "shared/event_waiters.h"
#include "shared/machine_stats.h"
#include "shared/quota_accounts.h"
#include "shared/shared_memory.h"
#include "shared/shares.h"
#include "shared/verdicts.h"
#include "shared/worker_registry.h"

typedef struct SharedMemoryPart
{
	const char *name;
	Size (*size)(void);
	Size (*table_size)(void); /* of a hash table beside it, which attach() makes; or NULL */

	/* Takes note where the part is; one that is new has to be filled.  With AddinShmemInitLock held. */
	void (*attach)(void *part, bool is_new, LWLock *lock);
	const char *tranche; /* of its lock; NULL: it has none */
} SharedMemoryPart;

static const SharedMemoryPart parts[] = {
	{"sfn workers", worker_registry_size, NULL, worker_registry_attach, "sfn"},
	{"sfn activity waiters", activity_waiters_size, NULL, activity_waiters_attach, NULL},
	{"sfn event waiters", event_waiters_size, NULL, event_waiters_attach, NULL},
	{"sfn verdicts", verdicts_size, NULL, verdicts_attach, NULL},
	{"sfn quotas", quota_accounts_size, NULL, quota_accounts_attach, "sfn quotas"},
	{"sfn shares", shares_size, NULL, shares_attach, "sfn shares"},
	{"sfn statistics", machine_stats_size, machine_stats_table_size, machine_stats_attach, "sfn statistics"},
};

static shmem_request_hook_type next_shmem_request_hook = NULL;
static shmem_startup_hook_type next_shmem_startup_hook = NULL;

static void
request_shared_memory(void)
{
	if (next_shmem_request_hook)
		next_shmem_request_hook();
	for (size_t i = 0; i < lengthof(parts); i++)
	{
		RequestAddinShmemSpace(MAXALIGN(parts[i].size()));
		if (parts[i].table_size != NULL)
			RequestAddinShmemSpace(parts[i].table_size());
		if (parts[i].tranche != NULL)
			RequestNamedLWLockTranche(parts[i].tranche, 1);
	}
}

static void
startup_shared_memory(void)
{
	if (next_shmem_startup_hook)
		next_shmem_startup_hook();

	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	for (size_t i = 0; i < lengthof(parts); i++)
	{
		bool found;
		void *part = ShmemInitStruct(parts[i].name, parts[i].size(), &found);
		LWLock *lock = parts[i].tranche != NULL ? &GetNamedLWLockTranche(parts[i].tranche)[0].lock : NULL;

		parts[i].attach(part, !found, lock);
	}
	LWLockRelease(AddinShmemInitLock);
}

void
shared_memory_install_hooks(void)
{
	next_shmem_request_hook = shmem_request_hook;
	shmem_request_hook = request_shared_memory;
	next_shmem_startup_hook = shmem_startup_hook;
	shmem_startup_hook = startup_shared_memory;
}
