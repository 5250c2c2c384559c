/*
 * transition_budget.c
 *	  What a transition may use in the server: memory of the current context, real
 *	  time, and whether a stop or DDL wants it to end.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "runtime/transition_budget.h"
#include "settings/guc.h"
#include "shared/in_hand.h"
#include "shared/worker_registry.h"

/* A transition allocates in the context that is current when it begins. */
static Size
memory_used(const Budget *budget)
{
	(void) budget;
	return CurrentMemoryContext->mem_allocated;
}

static int64
clock_microseconds(const Budget *budget)
{
	(void) budget;
	return GetCurrentTimestamp();
}

/* A turn holds cancels off; who sent this one wants the execution in hand, or the worker, to come to an end. */
static bool
is_stopped(const Budget *budget)
{
	(void) budget;
	if (!QueryCancelPending)
		return false;
	QueryCancelPending = false;
	return worker_cancel_requested() || worker_must_leave();
}

Budget
transition_budget_of_session(void)
{
	return (Budget){.max_memory = (Size) sfn_max_transition_memory * 1024,
					.max_time = sfn_max_transition_time * INT64CONST(1000),
					.memory_used = memory_used,
					.clock = clock_microseconds};
}

Budget
transition_budget_of_turn(bool is_shared, int share_ms)
{
	Budget budget = transition_budget_of_session();

	budget.share = is_shared ? share_ms * INT64CONST(1000) : 0;
	budget.is_stopped = is_stopped;
	return budget;
}
