/*
 * bench_engine.c
 *	  How long the engine takes: a plain -O2 program, not run by make unit.
 *
 *		gcc -O2 ... test/unit/bench_engine.c -o bench_engine && ./bench_engine
 *
 * Memory is one arena that is reset per execution, as the server's context is.
 */
#include "unit/engine_driver.h"

#include <time.h>

#define ARENA_BYTES (512 * 1024 * 1024)

static char *arena;
static size_t arena_used;

/* ---- a palloc that only counts up; each block knows its size, for repalloc ---- */

void *
palloc(Size size)
{
	char *block = arena + arena_used;

	size = MAXALIGN(size);
	if (arena_used + size + sizeof(Size) > ARENA_BYTES)
		abort();
	*(Size *) block = size;
	arena_used += size + sizeof(Size);
	return block + sizeof(Size);
}

void *
palloc0(Size size)
{
	return memset(palloc(size), 0, size);
}

void *
palloc_extended(Size size, int flags)
{
	return (flags & MCXT_ALLOC_ZERO) ? palloc0(size) : palloc(size);
}

void *
repalloc(void *pointer, Size size)
{
	Size old = ((Size *) pointer)[-1];
	void *copy = palloc(size);

	return memcpy(copy, pointer, Min(old, size));
}

void
pfree(void *pointer)
{
	(void) pointer;
}

char *
pnstrdup(const char *text, Size length)
{
	Size size = strnlen(text, length);
	char *copy = palloc(size + 1);

	memcpy(copy, text, size);
	copy[size] = '\0';
	return copy;
}

char *
pstrdup(const char *text)
{
	return pnstrdup(text, strlen(text));
}

void *
pg_malloc(size_t size)
{
	return palloc(size);
}

void *
pg_malloc0(size_t size)
{
	return palloc0(size);
}

void *
pg_malloc_extended(size_t size, int flags)
{
	return palloc_extended(size, flags);
}

void *
pg_realloc(void *pointer, size_t size)
{
	return pointer == NULL ? palloc(size) : repalloc(pointer, size);
}

char *
pg_strdup(const char *text)
{
	return pstrdup(text);
}

void
pg_free(void *pointer)
{
	(void) pointer;
}

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

	arena = malloc(ARENA_BYTES);
	memset(arena, 1, 64 * 1024 * 1024);
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
