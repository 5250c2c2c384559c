/*
 * pump_calls.h
 *	  Calls of AWS that the pump makes by itself, not for a task: one kind of them.
 *
 * A pass of the pump, one transaction, tells what has come and takes what is due; what it took is sent when it has
 * committed.  Between two passes calls end or fail, and are kept until the next one tells them.
 */
#ifndef SFN_WORKERS_PUMP_CALLS_H
#define SFN_WORKERS_PUMP_CALLS_H

#include "postgres.h"

#include "workers/pump_task.h"

struct PumpCalls
{
	/* Once in a process; the context outlives the passes. */
	void (*begin)(MemoryContext parent);

	/* In the pump's transaction: what others than the processes named have asked for is lost, and due. */
	void (*recover)(const int32 *pids, int pid_count);
	void (*tell)(void);
	/* Calls that are due, put into that list; their memory is below the parent. */
	void (*take)(const EgressPolicy *policy, MemoryContext parent, dlist_head *taken);

	/* The pass is over. */
	void (*committed)(void);
	void (*failed)(void);

	/* A call has ended; false: it is to be sent again.  Or it cannot be sent, since it has no key. */
	bool (*finish)(PumpTask *task);
	void (*fail)(PumpTask *task, const SfnError *error);
	/* ... and is in no list until it is told. */
	void (*keep)(PumpTask *task);

	/* When there is something to do; DT_NOEND: not before a commit tells of it. */
	TimestampTz (*due)(bool is_leaving);
};

extern const PumpCalls pump_jobs;
extern const PumpCalls pump_logs;
extern const PumpCalls pump_sources;

#endif /* SFN_WORKERS_PUMP_CALLS_H */
