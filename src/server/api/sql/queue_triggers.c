/*
 * queue_triggers.c
 *	  The SQL functions for triggers of queues.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/timestamp.h"

#include "actions/queue_triggers.h"
#include "api/arguments.h"
#include "store/sql_version.h"

#define BATCH_SIZE_DEFAULT 10

/* Whole seconds, as far as an int goes; what is negative stays so. */
static int32
window_argument(FunctionCallInfo fcinfo, int number)
{
	Interval *window = PG_ARGISNULL(number) ? NULL : PG_GETARG_INTERVAL_P(number);
	int64 days = window == NULL ? 0 : window->day + (int64) window->month * DAYS_PER_MONTH;
	int64 seconds = window == NULL ? 0 : days * SECS_PER_DAY + window->time / USECS_PER_SEC;

	return (int32) Min(Max(seconds, -1), PG_INT32_MAX);
}

SFN_FUNCTION(sfn_create_queue_trigger)
{
	ActionCall call;
	const char *queue;
	QueueTriggerRow trigger = {.batch_size = PG_ARGISNULL(2) ? BATCH_SIZE_DEFAULT : PG_GETARG_INT32(2),
							   .batch_window = window_argument(fcinfo, 3),
							   .max_concurrency = 0,
							   .is_enabled = PG_ARGISNULL(5) || PG_GETARG_BOOL(5)};

	api_enter(&call, ACTION_SQL, "CreateQueueTrigger");
	if (!PG_ARGISNULL(4))
		trigger.max_concurrency = PG_GETARG_INT32(4) != 0 ? PG_GETARG_INT32(4) : -1; /* 0 means no limit further on */
	queue = required_text(&call, fcinfo, 0, "queue");
	trigger.state_machine = required_text(&call, fcinfo, 1, "state_machine");
	api_check(&call, queue_trigger_create(&call, &trigger, queue));
	api_leave(&call);
	PG_RETURN_VOID();
}

SFN_FUNCTION(sfn_drop_queue_trigger)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "DropQueueTrigger");
	api_check(&call, queue_trigger_drop(&call, required_text(&call, fcinfo, 0, "queue")));
	api_leave(&call);
	PG_RETURN_VOID();
}

static void
switch_trigger(FunctionCallInfo fcinfo, bool is_enabled)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "SwitchQueueTrigger");
	api_check(&call, queue_trigger_switch(&call, required_text(&call, fcinfo, 0, "queue"), is_enabled));
	api_leave(&call);
}

SFN_FUNCTION(sfn_enable_queue_trigger)
{
	switch_trigger(fcinfo, true);
	PG_RETURN_VOID();
}

SFN_FUNCTION(sfn_disable_queue_trigger)
{
	switch_trigger(fcinfo, false);
	PG_RETURN_VOID();
}
