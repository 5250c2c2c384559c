/*
 * machine_cache.h
 *	  Compiled machines of this process, one per revision.
 */
#ifndef SFN_RUNTIME_MACHINE_CACHE_H
#define SFN_RUNTIME_MACHINE_CACHE_H

#include "postgres.h"

#include "asl/machine.h"
#include "engine/execution.h"

typedef struct CachedMachine
{
	int64 revision_id;
	int64 state_machine_id;
	AslMachine *machine; /* NULL when the stored definition does not compile; then: */
	const char *problem;
	const char *name;
	const char *arn;
	const char *execution_arn_prefix; /* up to and including the last colon */
	const char *role_arn;
	Oid role;     /* tasks run as it */
	int priority; /* among machines of the role */
	bool is_express;
	bool is_logged;         /* level is not OFF */
	EventWeight log_weight; /* lighter events are not logged */
	bool logs_data;         /* includeExecutionData */
	bool sends_logs;        /* to a log group */
	bool uses_context;      /* its definition can reach the context object, so the input must be at hand */
} CachedMachine;

/* The machine of that revision, compiled at first use; NULL when there is no such revision. */
extern const CachedMachine *machine_cache_get(int64 revision_id);

/* Whose share of the executors its executions use; compiles nothing.  None when there is no such revision. */
extern void machine_cache_share(int64 revision_id, Oid *role, int *priority);

/* Drops all entries when there are too many or too large ones; only between turns, and not while they are pinned. */
extern void machine_cache_trim(void);

/* Drops all entries; an error while they are pinned. */
extern void machine_cache_forget(void);

/* Entries stay as they are until the transaction ends. */
extern void machine_cache_pin(void);

#endif /* SFN_RUNTIME_MACHINE_CACHE_H */
