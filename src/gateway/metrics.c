/*
 * metrics.c
 *	  What is counted, as Prometheus reads it.
 *
 * Actions are counted by the names that routes.c knows, so that no client can make new ones.
 */
#include "gateway/metrics.h"

#include "gateway/http.h"
#include "gateway/polls.h"
#include "gateway/pool.h"

#define MAX_SERIES 512

typedef struct Series
{
	const char *action;
	const char *code; /* AWS's error, or "" */
	int64 count;
} Series;

static const double bounds[] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 60};

static Series series[MAX_SERIES];
static int series_count;
static int64 buckets[lengthof(bounds) + 1];
static double seconds_sum;
static int64 bytes_in;
static int64 bytes_out;
static int64 signatures[2];

static Series *
series_of(const char *action, const char *code)
{
	static Arena *arena;
	Arena *before;

	for (int i = 0; i < series_count; i++)
	{
		if (strcmp(series[i].action, action) == 0 && strcmp(series[i].code, code) == 0)
			return &series[i];
	}
	if (series_count == MAX_SERIES)
		return &series[MAX_SERIES - 1];
	if (arena == NULL)
		arena = arena_new();
	before = arena_use(arena);
	series[series_count] = (Series){pstrdup(action), pstrdup(code), 0};
	arena_use(before);
	return &series[series_count++];
}

void
metrics_count(const Request *request)
{
	double seconds = (loop_now() - request->began) / (double) SECOND;
	size_t bucket = 0;

	while (bucket < lengthof(bounds) && seconds > bounds[bucket])
		bucket++;
	buckets[bucket]++;
	seconds_sum += seconds;
	bytes_in += request->body_length;
	bytes_out += request->answer_length;
	series_of(request->action, request->error != NULL ? request->error : "")->count++;
}

void
metrics_count_signature(bool is_good)
{
	signatures[is_good]++;
}

static void
add_head(StringInfo out, const char *name, const char *type, const char *help)
{
	appendStringInfo(out, "# HELP sfn_gateway_%s %s\n# TYPE sfn_gateway_%s %s\n", name, help, name, type);
}

static void
add_requests(StringInfo out)
{
	int64 count = 0;

	add_head(out, "requests_total", "counter", "Requests by action and error.");
	for (int i = 0; i < series_count; i++)
		appendStringInfo(out, "sfn_gateway_requests_total{action=\"%s\",code=\"%s\"} " INT64_FORMAT "\n",
						 series[i].action, series[i].code, series[i].count);
	add_head(out, "request_seconds", "histogram", "How long requests took.");
	for (size_t i = 0; i < lengthof(bounds); i++)
	{
		count += buckets[i];
		appendStringInfo(out, "sfn_gateway_request_seconds_bucket{le=\"%g\"} " INT64_FORMAT "\n", bounds[i], count);
	}
	count += buckets[lengthof(bounds)];
	appendStringInfo(out,
					 "sfn_gateway_request_seconds_bucket{le=\"+Inf\"} " INT64_FORMAT
					 "\nsfn_gateway_request_seconds_sum %g\nsfn_gateway_request_seconds_count " INT64_FORMAT "\n",
					 count, seconds_sum, count);
}

char *
metrics_text(void)
{
	static const char *const pool_names[POOL_KINDS] = {"calls", "sync", "wait"};
	StringInfoData out;

	initStringInfo(&out);
	add_requests(&out);
	add_head(&out, "signatures_total", "counter", "Requests by whether their signature or secret was good.");
	appendStringInfo(&out,
					 "sfn_gateway_signatures_total{result=\"good\"} " INT64_FORMAT
					 "\nsfn_gateway_signatures_total{result=\"bad\"} " INT64_FORMAT "\n",
					 signatures[true], signatures[false]);
	add_head(&out, "bytes_total", "counter", "Bytes of bodies.");
	appendStringInfo(&out,
					 "sfn_gateway_bytes_total{dir=\"in\"} " INT64_FORMAT
					 "\nsfn_gateway_bytes_total{dir=\"out\"} " INT64_FORMAT "\n",
					 bytes_in, bytes_out);
	add_head(&out, "clients", "gauge", "Connections of clients.");
	appendStringInfo(&out, "sfn_gateway_clients %d\n", http_clients());
	add_head(&out, "parked", "gauge", "Requests that wait for an activity's task.");
	appendStringInfo(&out, "sfn_gateway_parked %d\n", polls_parked());
	add_head(&out, "pool_busy", "gauge", "Connections to the database that are in use.");
	for (int i = 0; i < POOL_KINDS; i++)
		appendStringInfo(&out, "sfn_gateway_pool_busy{pool=\"%s\"} %d\n", pool_names[i], pool_busy((PoolKind) i));
	add_head(&out, "pool_waiting", "gauge", "Requests in line for such a connection.");
	for (int i = 0; i < POOL_KINDS; i++)
		appendStringInfo(&out, "sfn_gateway_pool_waiting{pool=\"%s\"} %d\n", pool_names[i], pool_waiting((PoolKind) i));
	return out.data;
}
