/*
 * metrics.c
 *	  What is counted, as Prometheus reads it.
 *
 * Each process counts for itself, in memory that all of them see: whichever is asked tells
 * the sums.  Actions are counted by the names that routes.c knows, so that no client can
 * make new ones.
 */
#include "gateway/metrics.h"

#include <sys/mman.h>

#include "gateway/http.h"
#include "gateway/polls.h"
#include "gateway/settings.h"
#include "gateway/watch.h"

#define MAX_SERIES 512
#define MAX_NAME 64

/* How long a request may rightly take is another matter in each. */
typedef enum RequestClass
{
	CLASS_CALL,
	CLASS_SYNC,
	CLASS_POLL,
	CLASS_OTHER,
	CLASS_COUNT
} RequestClass;

static const char *const class_names[CLASS_COUNT] = {"call", "sync", "poll", "other"};
static const char *const pool_names[POOL_KINDS] = {"calls", "sync", "wait"};
static const double bounds[] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 60};

typedef struct Series
{
	char action[MAX_NAME];
	char code[MAX_NAME]; /* AWS's error, or "" */
	int64 count;
} Series;

typedef enum Gauge
{
	GAUGE_CLIENTS,
	GAUGE_PARKED,
	GAUGE_WATCHING,
	GAUGE_BUSY, /* one for each kind of pool */
	GAUGE_WAITING = GAUGE_BUSY + POOL_KINDS,
	GAUGE_COUNT = GAUGE_WAITING + POOL_KINDS
} Gauge;

/* Of one process; only that writes it. */
typedef struct Counters
{
	Series series[MAX_SERIES];
	int series_count;
	int64 buckets[CLASS_COUNT][lengthof(bounds) + 1];
	double seconds[CLASS_COUNT];
	int64 bytes_in;
	int64 bytes_out;
	int64 signatures[2];
	int64 waits[POOL_KINDS];
	double wait_seconds[POOL_KINDS];
	int64 restarts;
	int64 gauges[GAUGE_COUNT];
} Counters;

static Counters *all; /* of each process */
static Counters *own;

void
metrics_begin(void)
{
	all = mmap(NULL, settings.processes * sizeof(Counters), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (all == MAP_FAILED)
		settings_refuse("there is no memory for what is counted%s", "");
	own = all;
}

void
metrics_use(int process)
{
	own = &all[process];
	memset(own->gauges, 0, sizeof(own->gauges));
}

/* ---- counting ---- */

static Series *
series_of(const char *action, const char *code)
{
	Series *next = &own->series[own->series_count];

	for (int i = 0; i < own->series_count; i++)
	{
		if (strncmp(own->series[i].action, action, MAX_NAME - 1) == 0 &&
			strncmp(own->series[i].code, code, MAX_NAME - 1) == 0)
			return &own->series[i];
	}
	if (own->series_count == MAX_SERIES)
		return &own->series[MAX_SERIES - 1];
	strlcpy(next->action, action, MAX_NAME);
	strlcpy(next->code, code, MAX_NAME);
	__atomic_store_n(&own->series_count, own->series_count + 1, __ATOMIC_RELEASE);
	return next;
}

static RequestClass
class_of(const Request *request)
{
	if (strcmp(request->action, "GetActivityTask") == 0)
		return CLASS_POLL;
	if (strcmp(request->action, "StartSyncExecution") == 0 || strcmp(request->action, "TestState") == 0)
		return CLASS_SYNC;
	return request->role != NULL ? CLASS_CALL : CLASS_OTHER;
}

void
metrics_count(const Request *request)
{
	double seconds = (loop_now() - request->began) / (double) SECOND;
	RequestClass class = class_of(request);
	size_t bucket = 0;

	while (bucket < lengthof(bounds) && seconds > bounds[bucket])
		bucket++;
	own->buckets[class][bucket]++;
	own->seconds[class] += seconds;
	own->bytes_in += request->body_length;
	own->bytes_out += request->answer_length;
	series_of(request->action, request->error != NULL ? request->error : "")->count++;
}

void
metrics_count_signature(bool is_good)
{
	own->signatures[is_good]++;
}

void
metrics_count_wait(PoolKind pool, int64 microseconds)
{
	own->waits[pool]++;
	own->wait_seconds[pool] += microseconds / (double) SECOND;
}

void
metrics_count_restart(int process)
{
	all[process].restarts++;
}

void
metrics_publish(void)
{
	own->gauges[GAUGE_CLIENTS] = http_clients();
	own->gauges[GAUGE_PARKED] = polls_parked();
	own->gauges[GAUGE_WATCHING] = watch_count();
	for (int kind = 0; kind < POOL_KINDS; kind++)
	{
		own->gauges[GAUGE_BUSY + kind] = pool_busy((PoolKind) kind);
		own->gauges[GAUGE_WAITING + kind] = pool_waiting((PoolKind) kind);
	}
}

/* ---- telling ---- */

static void
add_series(Counters *sum, const Counters *one)
{
	int count = __atomic_load_n(&one->series_count, __ATOMIC_ACQUIRE);

	own = sum; /* where series_of() looks */
	for (int i = 0; i < count; i++)
		series_of(one->series[i].action, one->series[i].code)->count += one->series[i].count;
}

static void
add_counters(Counters *sum, const Counters *one)
{
	add_series(sum, one);
	for (int class = 0; class < CLASS_COUNT; class ++)
	{
		sum->seconds[class] += one->seconds[class];
		for (size_t i = 0; i <= lengthof(bounds); i++)
			sum->buckets[class][i] += one->buckets[class][i];
	}
	for (int kind = 0; kind < POOL_KINDS; kind++)
	{
		sum->waits[kind] += one->waits[kind];
		sum->wait_seconds[kind] += one->wait_seconds[kind];
	}
	sum->bytes_in += one->bytes_in;
	sum->bytes_out += one->bytes_out;
	sum->signatures[false] += one->signatures[false];
	sum->signatures[true] += one->signatures[true];
	sum->restarts += one->restarts;
	for (int i = 0; i < GAUGE_COUNT; i++)
		sum->gauges[i] += one->gauges[i];
}

static void
add_head(StringInfo out, const char *name, const char *type, const char *help)
{
	appendStringInfo(out, "# HELP sfn_gateway_%s %s\n# TYPE sfn_gateway_%s %s\n", name, help, name, type);
}

static void
tell(StringInfo out, const char *name, const char *label, const char *value, int64 number)
{
	if (label != NULL)
		appendStringInfo(out, "sfn_gateway_%s{%s=\"%s\"} " INT64_FORMAT "\n", name, label, value, number);
	else
		appendStringInfo(out, "sfn_gateway_%s " INT64_FORMAT "\n", name, number);
}

static void
tell_requests(StringInfo out, const Counters *sum)
{
	add_head(out, "requests_total", "counter", "Requests by action and error.");
	for (int i = 0; i < sum->series_count; i++)
		appendStringInfo(out, "sfn_gateway_requests_total{action=\"%s\",code=\"%s\"} " INT64_FORMAT "\n",
						 sum->series[i].action, sum->series[i].code, sum->series[i].count);
}

static void
tell_seconds(StringInfo out, const Counters *sum, int class)
{
	int64 count = 0;

	for (size_t i = 0; i <= lengthof(bounds); i++)
	{
		count += sum->buckets[class][i];
		appendStringInfo(out, "sfn_gateway_request_seconds_bucket{class=\"%s\",le=\"%s\"} " INT64_FORMAT "\n",
						 class_names[class], i < lengthof(bounds) ? psprintf("%g", bounds[i]) : "+Inf", count);
	}
	appendStringInfo(out, "sfn_gateway_request_seconds_sum{class=\"%s\"} %g\n", class_names[class],
					 sum->seconds[class]);
	tell(out, "request_seconds_count", "class", class_names[class], count);
}

static void
tell_counters(StringInfo out, const Counters *sum)
{
	add_head(out, "signatures_total", "counter", "Requests by whether their signature or secret was good.");
	tell(out, "signatures_total", "result", "good", sum->signatures[true]);
	tell(out, "signatures_total", "result", "bad", sum->signatures[false]);
	add_head(out, "bytes_total", "counter", "Bytes of bodies.");
	tell(out, "bytes_total", "dir", "in", sum->bytes_in);
	tell(out, "bytes_total", "dir", "out", sum->bytes_out);
	add_head(out, "pool_wait_seconds", "summary", "How long calls were in line for a connection to the database.");
	for (int kind = 0; kind < POOL_KINDS; kind++)
	{
		appendStringInfo(out, "sfn_gateway_pool_wait_seconds_sum{pool=\"%s\"} %g\n", pool_names[kind],
						 sum->wait_seconds[kind]);
		tell(out, "pool_wait_seconds_count", "pool", pool_names[kind], sum->waits[kind]);
	}
	add_head(out, "restarts_total", "counter", "Processes of --processes that were started anew.");
	tell(out, "restarts_total", NULL, NULL, sum->restarts);
}

static void
tell_gauges(StringInfo out, const Counters *sum)
{
	add_head(out, "clients", "gauge", "Connections of clients.");
	tell(out, "clients", NULL, NULL, sum->gauges[GAUGE_CLIENTS]);
	add_head(out, "parked", "gauge", "Requests that wait for an activity's task.");
	tell(out, "parked", NULL, NULL, sum->gauges[GAUGE_PARKED]);
	add_head(out, "watching", "gauge", "Requests of the page that wait for an execution to change.");
	tell(out, "watching", NULL, NULL, sum->gauges[GAUGE_WATCHING]);
	add_head(out, "pool_busy", "gauge", "Connections to the database that are in use.");
	for (int kind = 0; kind < POOL_KINDS; kind++)
		tell(out, "pool_busy", "pool", pool_names[kind], sum->gauges[GAUGE_BUSY + kind]);
	add_head(out, "pool_waiting", "gauge", "Requests in line for such a connection.");
	for (int kind = 0; kind < POOL_KINDS; kind++)
		tell(out, "pool_waiting", "pool", pool_names[kind], sum->gauges[GAUGE_WAITING + kind]);
}

char *
metrics_text(void)
{
	Counters *sum = palloc0(sizeof(Counters));
	Counters *mine = own;
	StringInfoData out;

	metrics_publish();
	for (int i = 0; i < settings.processes; i++)
		add_counters(sum, &all[i]);
	own = mine;
	initStringInfo(&out);
	tell_requests(&out, sum);
	add_head(&out, "request_seconds", "histogram", "How long requests took.");
	for (int class = 0; class < CLASS_COUNT; class ++)
		tell_seconds(&out, sum, class);
	tell_counters(&out, sum);
	tell_gauges(&out, sum);
	return out.data;
}
