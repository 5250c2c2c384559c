/*
 * fuzz_step.c
 *	  Any sequence of events into a few machines, and any text as a branch's image.
 *
 * The first byte chooses the machine and which transitions are taken back, the second how
 * it is run, then four bytes make an event: kind, branch, what is wrong with it, value.
 * Whatever comes, the history stays whole, a stale event changes nothing, what is taken
 * back leaves nothing, an end is an end until a redrive that finds the execution restored,
 * and what runs has something to wait for.  When
 * the first byte is 255 the rest is the text of an image.
 */
#include "fuzz/fuzz.h"

/* What the driver checks ends the program here. */
#define unit_check(passed, ...) FUZZ_ASSERT(passed)

#include "unit/engine_driver.h"

#define TASK "\"Type\":\"Task\",\"Resource\":\"arn:aws:lambda:us-east-1:000000000000:function:f\""

static const char *const machines[] = {
	"{\"StartAt\":\"A\",\"States\":{\"A\":{" TASK ",\"TimeoutSeconds\":5,\"HeartbeatSeconds\":2,"
	"\"Retry\":[{\"ErrorEquals\":[\"States.ALL\"]}],\"Catch\":[{\"ErrorEquals\":[\"States.ALL\"],\"Next\":\"C\"}],\"Next\":\"B\"},"
	"\"B\":{\"Type\":\"Wait\",\"Seconds\":3,\"Next\":\"A\"},\"C\":{\"Type\":\"Fail\"}}}",

	"{\"StartAt\":\"P\",\"TimeoutSeconds\":60,\"States\":{\"P\":{\"Type\":\"Parallel\",\"Branches\":["
	"{\"StartAt\":\"A\",\"States\":{\"A\":{" TASK ",\"End\":true}}},"
	"{\"StartAt\":\"B\",\"States\":{\"B\":{\"Type\":\"Wait\",\"Seconds\":1,\"Next\":\"B2\"},\"B2\":{" TASK
	",\"TimeoutSeconds\":9,\"Assign\":{\"v.$\":\"$\"},\"End\":true}}}],"
	"\"Retry\":[{\"ErrorEquals\":[\"E\",\"States.Timeout\"]}],\"Catch\":[{\"ErrorEquals\":[\"States.TaskFailed\"],\"Next\":\"P\"}],"
	"\"Next\":\"Q\"},\"Q\":{\"Type\":\"Pass\",\"End\":true}}}",

	"{\"StartAt\":\"M\",\"States\":{\"M\":{\"Type\":\"Map\",\"ItemsPath\":\"$.items\",\"MaxConcurrency\":2,\"ItemSelector\":"
	"{\"v.$\":\"$$.Map.Item.Value\",\"i.$\":\"$$.Map.Item.Index\"},\"ItemProcessor\":{\"StartAt\":\"I\",\"States\":{"
	"\"I\":{\"Type\":\"Parallel\",\"Branches\":[{\"StartAt\":\"T\",\"States\":{\"T\":{" TASK
	",\"Parameters\":{\"c.$\":\"$$\"},"
	"\"End\":true}}},{\"StartAt\":\"N\",\"States\":{\"N\":{\"Type\":\"Map\",\"ItemsPath\":\"$$.Execution.Input.items\","
	"\"ItemProcessor\":{\"StartAt\":\"U\",\"States\":{\"U\":{" TASK ",\"End\":true}}},\"End\":true}}}],\"End\":true}}},"
	"\"Retry\":[{\"ErrorEquals\":[\"States.ALL\"],\"MaxAttempts\":2}],\"End\":true}}}",

	"{\"StartAt\":\"P\",\"States\":{\"P\":{\"Type\":\"Parallel\",\"Branches\":[{\"StartAt\":\"M\",\"States\":{\"M\":{"
	"\"Type\":\"Map\",\"ItemsPath\":\"$.items\",\"ItemSelector\":{\"v.$\":\"$$.Map.Item.Value\"},\"ItemProcessor\":{"
	"\"ProcessorConfig\":{\"Mode\":\"DISTRIBUTED\",\"ExecutionType\":\"STANDARD\"},\"StartAt\":\"I\",\"States\":{"
	"\"I\":{\"Type\":\"Pass\",\"End\":true}}},\"Retry\":[{\"ErrorEquals\":[\"States.ALL\"],\"MaxAttempts\":2}],"
	"\"End\":true}}},{\"StartAt\":\"T\",\"States\":{\"T\":{" TASK ",\"End\":true}}}],\"End\":true}}}",

	"{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:us-east-1:000000000000:activity:a\","
	"\"TimeoutSeconds\":30,\"HeartbeatSeconds\":3,\"Next\":\"S\"},\"S\":{\"Type\":\"Task\",\"Resource\":"
	"\"arn:aws:states:::sqs:sendMessage.waitForTaskToken\",\"Parameters\":{\"QueueUrl\":\"q\",\"MessageBody\":{\"t.$\":"
	"\"$$.Task.Token\"}},\"Next\":\"C\"},\"C\":{\"Type\":\"Choice\",\"Choices\":[{\"Variable\":\"$.n\",\"NumericGreaterThan\":1,"
	"\"Next\":\"A\"}],\"Default\":\"D\"},\"D\":{\"Type\":\"Succeed\"}}}",

	"{\"QueryLanguage\":\"JSONata\",\"StartAt\":\"M\",\"States\":{\"M\":{\"Type\":\"Map\",\"Items\":\"{% [1..3] %}\",\"ItemSelector\":"
	"{\"v\":\"{% $sum([1..900]) %}\"},\"ItemProcessor\":{\"StartAt\":\"T\",\"States\":{\"T\":{" TASK
	",\"Arguments\":{\"x\":"
	"\"{% $sum([1..900]) %}\"},\"Assign\":{\"r\":\"{% $sum([1..900]) %}\"},\"Retry\":[{\"ErrorEquals\":[\"E\"]}],\"End\":true}}},"
	"\"Catch\":[{\"ErrorEquals\":[\"States.ALL\"],\"Output\":\"{% $sum([1..900]) %}\",\"Next\":\"P\"}],\"Output\":"
	"\"{% $sum([1..900]) %}\",\"Next\":\"P\"},\"P\":{\"Type\":\"Parallel\",\"Branches\":[{\"StartAt\":\"A\",\"States\":{\"A\":{"
	"\"Type\":\"Wait\",\"Seconds\":\"{% 1 + 0 * $sum([1..900]) %}\",\"End\":true}}},{\"StartAt\":\"B\",\"States\":{\"B\":{" TASK
	",\"Output\":\"{% [$states.result, $sum([1..900])] %}\",\"End\":true}}}],\"End\":true}}}",
};

/* Of the looks at the budget, and of the questions whether a state is heavy, every so many takes the transition back. */
static int take_back_every;
static int looks;

static bool
takes_back(void)
{
	return take_back_every > 0 && ++looks % (take_back_every + 1) == 0;
}

static bool
is_stopped(const Budget *budget)
{
	(void) budget;
	return takes_back();
}

static bool
is_heavy(EngineEnv *env, const Execution *execution, const AslState *state, bool is_entered)
{
	(void) env;
	(void) execution;
	FUZZ_ASSERT(state != NULL);
	(void) is_entered;
	return takes_back();
}

static const char *const values[] = {
	"{}",
	"{\"n\":2,\"items\":[1,2,3]}",
	"[]",
	"\"x\"",
	"{\"items\":[]}",
	"{\"items\":[[1]],\"n\":0}",
	"null",
	"{\"items\":5}",
};

static const char *const errors[] = {"E", "States.Timeout", "States.Runtime", "States.DataLimitExceeded", NULL, "Oops"};

/* The live branch that the byte chooses, or NULL. */
static Branch *
choose_branch(Driver *driver, uint8 choice)
{
	Branch *chosen = NULL;
	int count = 0;

	for (Branch *branch = driver->x.branches; branch != NULL; branch = branch->next_in_execution)
	{
		if (branch->status != BRANCH_GONE && branch->status != BRANCH_FINISHED && count++ <= choice % 8)
			chosen = branch;
	}
	return chosen;
}

static void
make_event(Driver *driver, const uint8 *bytes, Event *event)
{
	Branch *branch = choose_branch(driver, bytes[1]);

	memset(event, 0, sizeof(*event));
	event->kind = (EventKind) (bytes[0] % 16);
	event->timer = (TimerKind) (bytes[0] / 16 % 6);
	if (branch != NULL)
	{
		event->branch = branch->id + (bytes[2] & 1);
		event->visit = branch->visit + (bytes[2] >> 1 & 1);
		event->attempt = branch->attempt + (bytes[2] >> 2 & 1);
	}
	event->schedule_failed = bytes[2] >> 3 & 1;
	event->value = driver_value(values[bytes[3] % lengthof(values)]);
	event->error = errors[bytes[3] % lengthof(errors)];
	event->cause = (bytes[3] & 64) ? "because" : NULL;
	driver->now += (bytes[2] >> 4) * USECS_PER_SEC;
}

/* Is everything that engine_deliver() promises so? */
static void
check_state(const Driver *driver)
{
	int64 live = 0;
	int64 open = 0;

	for (const Branch *branch = driver->x.branches; branch != NULL; branch = branch->next_in_execution)
	{
		if (branch->status == BRANCH_GONE)
			continue;
		live++;
		open += branch->status != BRANCH_FINISHED && branch->first_child == NULL;
		FUZZ_ASSERT(branch->child_finished <= branch->child_started && branch->child_started <= branch->child_total);
		FUZZ_ASSERT(branch->parent == NULL || branch->parent->status == BRANCH_WAITING);
	}
	FUZZ_ASSERT(driver->x.status == EXECUTION_RUNNING ? open > 0 : live == 0);
	FUZZ_ASSERT(driver->events_expected == driver->x.last_event_id + 1);
	FUZZ_ASSERT(driver->x.last_event_id <= driver->env.max_history_events);
}

/* An event as it comes, or the next that is due. */
static void
deliver(Driver *driver, const uint8 *bytes)
{
	int64 last_event = driver->x.last_event_id;
	Driver ended = {0};
	Event event;

	if ((bytes[0] & 0x80) && driver_step(driver))
	{
		check_state(driver);
		return;
	}
	make_event(driver, bytes, &event);
	if (event.kind == EVENT_REDRIVE && driver->x.status != EXECUTION_RUNNING && (bytes[2] & 1) == 0)
	{
		ended = *driver;
		driver_reload_ended(driver);
	}
	if (!driver_deliver(driver, &event))
	{
		FUZZ_ASSERT(driver->x.last_event_id == last_event);
		if (event.kind == EVENT_REDRIVE && ended.machine != NULL)
			*driver = ended; /* what was restored is not stored */
	}
	check_state(driver);
}

static double
answer_task(Driver *driver, const Effect *effect, Event *answer)
{
	answer->value = effect->parameters;
	return (driver->deliveries % 3 == 0) ? -1 : driver->deliveries % 5;
}

static void
restore_image(const uint8 *data, size_t size)
{
	AslMachine *machine = driver_compile(machines[0]);
	SfnError error = {0};
	StringInfoData image;
	Driver driver;
	Branch *branch;

	driver_begin(&driver, machine, "{}");
	branch = branch_attach(&driver.x, NULL, 0, 0);
	branch->input = jv_empty_object();
	if (!branch_image_restore(&driver.x, branch, (const char *) data, size, &error))
	{
		FUZZ_ASSERT(error.cause != NULL);
		return;
	}
	initStringInfo(&image);
	branch_image_print(&image, branch);
	FUZZ_ASSERT(branch_image_restore(&driver.x, branch, image.data, image.len, &error));
	driver.x.last_event_id = 100;
	driver.events_expected = 101;
	driver_deliver(&driver, &(Event){.kind = EVENT_TASK_SUCCEEDED, .visit = branch->visit, .attempt = branch->attempt});
	driver_deliver(&driver,
				   &(Event){.kind = EVENT_TIMER_FIRED,
							.timer = TIMER_RETRY,
							.visit = branch->visit,
							.attempt = branch->attempt});
	driver_deliver(&driver, &(Event){.kind = EVENT_STOP});
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	Driver driver;

	if (size < 2 || size > 4000)
		return 0;
	if (data[0] == 255)
		restore_image(data + 1, size - 1);
	else
	{
		driver_begin(&driver, driver_compile(machines[data[0] % lengthof(machines)]),
					 values[data[1] % lengthof(values)]);
		driver.task = answer_task;
		driver.restores = (data[1] & 8) != 0;
		driver.keeps_void = (data[1] & 16) != 0;
		driver.takes_last = (data[1] & 32) != 0;
		driver.yield_every = (data[1] & 64) ? 1 : 0;
		driver.env.max_history_events = (data[1] & 128) ? 40 : 400;
		driver.env.max_chunk_bytes = 2000;
		looks = 0;
		take_back_every = data[0] / lengthof(machines) % 5;
		driver.env.budget.share = PG_INT64_MAX;
		driver.env.budget.is_stopped = is_stopped;
		driver.env.is_heavy = is_heavy;
		driver_deliver(&driver, &(Event){.kind = EVENT_START});
		check_state(&driver);
		for (size_t at = 2; at + 4 <= size; at += 4)
			deliver(&driver, data + at);
		FUZZ_ASSERT(driver.history.len == 0 || driver_events(&driver)->count == driver.x.last_event_id);
	}
	unit_reset_memory();
	return 0;
}
