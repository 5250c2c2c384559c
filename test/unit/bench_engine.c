/*
 * bench_engine.c
 *	  How long the engine takes: a plain -O2 program, not run by make unit.
 *
 *		gcc -O2 ... test/unit/bench_engine.c -o bench_engine && ./bench_engine
 *
 * Memory is one arena (arena.h) that is reset per execution, as the server's context is.
 */
#include "unit/engine_driver.h"

#include <time.h>

#include "arena.h"

bool
unit_check(bool passed, const char *format, ...)
{
	if (!passed)
	{
		fprintf(stderr, "%s\n", format);
		abort();
	}
	return passed;
}

/* ---- the workloads ---- */

/* What an executor's clock costs. */
static TimestampTz
real_now(EngineEnv *env)
{
	struct timespec now;

	(void) env;
	clock_gettime(CLOCK_REALTIME, &now);
	return ((TimestampTz) now.tv_sec - (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY) * USECS_PER_SEC +
		now.tv_nsec / 1000;
}

/* A shared turn's budget, as it looks to a transition that needs little. */
static Size
no_memory(const Budget *budget)
{
	(void) budget;
	return 0;
}

static int64
clock_microseconds(const Budget *budget)
{
	(void) budget;
	return real_now(NULL);
}

static bool
never_stopped(const Budget *budget)
{
	(void) budget;
	return false;
}

static const Budget budget_of_turn = {.max_memory = 128 * 1024 * 1024,
									  .max_time = 10 * USECS_PER_SEC,
									  .share = 20000,
									  .memory_used = no_memory,
									  .clock = clock_microseconds,
									  .is_stopped = never_stopped};

static double
echo(Driver *driver, const Effect *effect, Event *answer)
{
	(void) driver;
	answer->value = effect->parameters;
	return 0;
}

static char *
chain_of(const char *state)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoString(&text, "{\"StartAt\":\"State1\",\"States\":{");
	for (int i = 1; i <= 10; i++)
	{
		appendStringInfo(&text, "%s\"State%d\":{%s,", i > 1 ? "," : "", i, state);
		if (i < 10)
			appendStringInfo(&text, "\"Next\":\"State%d\"}", i + 1);
		else
			appendStringInfoString(&text, "\"End\":true}");
	}
	appendStringInfoString(&text, "}}");
	return text.data;
}

static char *
map_of(int items, char **input)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < items; i++)
		appendStringInfo(&text, i == 0 ? "[%d" : ",%d", i);
	appendStringInfoChar(&text, ']');
	*input = text.data;
	return pstrdup(
		"{\"StartAt\":\"M\",\"States\":{\"M\":{\"Type\":\"Map\",\"ItemProcessor\":{\"StartAt\":\"I\",\"States\":"
		"{\"I\":{\"Type\":\"Pass\",\"End\":true}}},\"End\":true}}}");
}

static void
measure(const char *title, char *definition, const char *input, bool keeps_history, int rounds)
{
	AslMachine *machine = driver_compile(definition);
	size_t mark = arena_used;
	struct timespec begun;
	struct timespec ended;
	int64 events = 0;
	Size bytes = 0;
	double micros;
	static Driver driver;

	clock_gettime(CLOCK_MONOTONIC, &begun);
	for (int i = 0; i < rounds; i++)
	{
		arena_used = mark;
		driver_begin(&driver, machine, input);
		driver.env.now = real_now;
		driver.env.budget = budget_of_turn;
		driver.env.max_history_events = 1000000;
		driver.x.keeps_history = keeps_history;
		driver.task = echo;
		driver_run(&driver);
		if (driver.x.status != EXECUTION_SUCCEEDED)
			abort();
		events = driver.x.last_event_id;
		bytes = arena_used - mark;
	}
	clock_gettime(CLOCK_MONOTONIC, &ended);
	micros = ((ended.tv_sec - begun.tv_sec) * 1e9 + (ended.tv_nsec - begun.tv_nsec)) / 1e3 / rounds;
	printf("%-44s %10.2f us  %6d events  %8.3f us/event  %7zu bytes\n", title, micros, (int) events, micros / events,
		   bytes);
}

int
main(void)
{
	const char *order =
		"{\"id\":4711,\"customer\":\"Ada\",\"items\":[{\"sku\":\"a\",\"qty\":2},{\"sku\":\"b\",\"qty\":1}]}";
	char *input;
	char *map;

	arena_begin();
	measure("10 Pass states, {}", chain_of("\"Type\":\"Pass\""), "{}", true, 200000);
	measure("10 Pass states, an order", chain_of("\"Type\":\"Pass\""), order, true, 200000);
	measure("10 Pass states, an order, no history", chain_of("\"Type\":\"Pass\""), order, false, 200000);
	measure("10 Pass states with Parameters", chain_of("\"Type\":\"Pass\",\"Parameters\":{\"id.$\":\"$.id\"}"), order,
			true, 100000);
	measure("10 SQL tasks, an order", chain_of("\"Type\":\"Task\",\"Resource\":\"sql:shop.f\""), order, true, 50000);
	map = map_of(10000, &input);
	measure("Map over 10,000 items", map, input, true, 10);
	return 0;
}
