/*
 * sql_task.c
 *	  What SQL functions and SQL queries as tasks have in common: the sandbox around
 *	  them, their plans, and what becomes of an error.
 */
#include "postgres.h"

#include <sys/resource.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "base/error.h"
#include "engine/state_task.h"
#include "services/sql/sql_rows.h"
#include "services/sql/sql_task.h"
#include "settings/random_uuid.h"
#include "shared/in_hand.h"
#include "shared/verdicts.h"

#define MAX_PLANS 1000

/* What a task of a shared turn must have been given before it is called slow. */
#define FAIR_SHARE_MS 10
#define FAIR_CPU_MICROSECONDS 5000

/* What the process had used lately: asking before each of thousands of tasks a second is a twentieth of their cost. */
#define USAGE_IS_NEW 1000 /* microseconds */
static struct
{
	TimestampTz asked;
	struct rusage usage;
} lately;

static ServiceOutcome sql_task_failed(Event *answer, const ErrorData *problem, CauseStyle style);

static void
note_usage(TimestampTz now)
{
	if (now >= lately.asked && now - lately.asked < USAGE_IS_NEW)
		return;
	lately.asked = now;
	(void) getrusage(RUSAGE_SELF, &lately.usage);
}

/*
 * Did the turn's time run out on the task for no fault of its own?  It came late in the turn, or another process had
 * the processor: it neither slept nor used much of it.
 */
static bool
was_unlucky(const ServiceCall *call, const ErrorData *problem)
{
	const struct rusage *before = &lately.usage;
	struct rusage now;

	if (problem->sqlerrcode != ERRCODE_QUERY_CANCELED)
		return false;
	if (call->share_ms < FAIR_SHARE_MS)
		return true;
	(void) getrusage(RUSAGE_SELF, &now);
	return now.ru_nvcsw == before->ru_nvcsw &&
		(now.ru_utime.tv_sec - before->ru_utime.tv_sec + now.ru_stime.tv_sec - before->ru_stime.tv_sec) *
				USECS_PER_SEC +
			now.ru_utime.tv_usec - before->ru_utime.tv_usec + now.ru_stime.tv_usec - before->ru_stime.tv_usec <
		FAIR_CPU_MICROSECONDS;
}

ServiceOutcome
sql_task_run(const ServiceCall *call, uint64 verdict, bool always_alone, CauseStyle style, void (*work)(void *arg),
			 void *arg, const JsonVal **result, Event *answer)
{
	Sandbox sandbox = service_sandbox_of(call, work, arg);
	ErrorData *problem;
	TimestampTz started;

	if (!call->is_alone && (always_alone || !verdict_may_share(verdict)))
		return !always_alone && verdict_is_on_trial(verdict) && !call->is_put_off ? SERVICE_PUT_OFF
																				  : SERVICE_NEEDS_ALONE;
	if (!call->is_alone && call->share_ms <= 0)
		return SERVICE_PUT_OFF;

	worker_set_verdict(verdict);
	started = GetCurrentTimestamp();
	if (!call->is_alone)
		note_usage(started);
	switch (sandbox_run(&sandbox, &problem))
	{
		case SANDBOX_DONE:
			if (call->is_alone)
				verdict_ran_alone(verdict, GetCurrentTimestamp() - started);
			else
				verdict_shared_turn(verdict);
			return service_succeed(answer, *result);
		case SANDBOX_TOO_LONG:
			if (call->is_alone)
				return SERVICE_NEEDS_ALONE;
			if (was_unlucky(call, problem))
				return SERVICE_PUT_OFF;
			verdict_took_too_long(verdict);
			return SERVICE_NEEDS_ALONE;
		case SANDBOX_RESTRICTED:
			verdict_is_restricted(verdict);
			return SERVICE_NEEDS_ALONE;
		case SANDBOX_PUT_OFF:
			return call->is_alone ? SERVICE_NEEDS_ALONE : SERVICE_PUT_OFF;
		case SANDBOX_TIMED_OUT:
			(void) service_fail(answer, ERROR_TIMEOUT, "%s", "");
			answer->cause = NULL;
			return SERVICE_ANSWERED;
		case SANDBOX_FAILED:
			if (problem->sqlerrcode == ERRCODE_SFN_RESULT_TOO_LARGE)
				return service_fail(answer, ERROR_DATA_LIMIT_EXCEEDED, "%s", task_too_large_cause(call->resource));
			return sql_task_failed(answer, problem, style);
	}
	elog(ERROR, "unknown outcome of a SQL task");
}

/* ---- errors ---- */

typedef struct SqlCondition
{
	const char *sqlstate;
	const char *name;
} SqlCondition;

static const SqlCondition sql_conditions[] = {
#define SQL_CONDITION(sqlstate, name) {sqlstate, name},
#include "asl/sql_condition_list.h"
#undef SQL_CONDITION
};

static int
compare_condition(const void *key, const void *row)
{
	return strcmp((const char *) key, ((const SqlCondition *) row)->sqlstate);
}

/* "Sql.unique_violation", or "Sql.SF001" for a code without a name. */
static const char *
sql_error_name(int sqlerrcode)
{
	const char *sqlstate = unpack_sql_state(sqlerrcode);
	const SqlCondition *condition =
		bsearch(sqlstate, sql_conditions, lengthof(sql_conditions), sizeof(SqlCondition), compare_condition);

	return psprintf("Sql.%s", condition != NULL ? condition->name : sqlstate);
}

static void
add_text(JvObjectBuilder *object, const char *name, const char *text)
{
	if (text != NULL)
		jv_object_add(object, name, jv_string(text));
}

static const char *
sql_cause(const ErrorData *problem)
{
	JvObjectBuilder cause;

	jv_object_begin(&cause);
	add_text(&cause, "message", problem->message);
	add_text(&cause, "detail", problem->detail);
	add_text(&cause, "hint", problem->hint);
	add_text(&cause, "context", problem->context);
	jv_object_add(&cause, "sqlstate", jv_string(unpack_sql_state(problem->sqlerrcode)));
	return jv_to_text(jv_object_end(&cause));
}

/* What the runtime of a function writes about its exception; a compact and a spaced form exist. */
static const char *
function_cause(const char *type, const char *message, bool is_spaced)
{
	StringInfoData cause;
	const char *colon = is_spaced ? ": " : ":";
	const char *comma = is_spaced ? ", " : ",";

	initStringInfo(&cause);
	appendStringInfo(&cause, "{\"errorMessage\"%s", colon);
	jv_print_string(&cause, message, (int) strlen(message));
	appendStringInfo(&cause, "%s\"errorType\"%s", comma, colon);
	jv_print_string(&cause, type, (int) strlen(type));
	appendStringInfo(&cause, "%s\"requestId\"%s\"%s\"%s\"stackTrace\"%s[]}", comma, colon, random_uuid(), comma, colon);
	return cause.data;
}

/*
 * The error's own name and message when it was raised with DETAIL '{"errorType": ..., "errorMessage": ...}',
 * else its condition name.
 */
static ServiceOutcome
sql_task_failed(Event *answer, const ErrorData *problem, CauseStyle style)
{
	JvParseError not_json;
	const JsonVal *detail = problem->detail != NULL && problem->detail[0] == '{'
		? jv_parse(problem->detail, (int) strlen(problem->detail), &not_json)
		: NULL;
	const char *type = jv_get_string(detail, "errorType");
	const char *message = jv_get_string(detail, "errorMessage");
	const char *cause;

	if (message == NULL)
		message = problem->message != NULL ? problem->message : "";
	if (style != CAUSE_SQL)
	{
		if (type == NULL)
			type = sql_error_name(problem->sqlerrcode);
		cause = function_cause(type, message, style == CAUSE_FUNCTION);
	}
	else
		cause = type != NULL ? message : sql_cause(problem);
	return service_fail(answer, type != NULL ? type : sql_error_name(problem->sqlerrcode), "%s", cause);
}

/* ---- plans, kept for the process by their text ---- */

typedef struct PlanEntry
{
	uint64 key; /* hash of text and argument types */
	char *sql;
	SPIPlanPtr plan;
} PlanEntry;

static HTAB *plans;

static void
plans_begin(void)
{
	HASHCTL control = {.keysize = sizeof(uint64), .entrysize = sizeof(PlanEntry), .hcxt = TopMemoryContext};

	plans = hash_create("sfn task plans", 128, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static void
plan_drop(PlanEntry *entry)
{
	SPI_freeplan(entry->plan);
	pfree(entry->sql);
	(void) hash_search(plans, &entry->key, HASH_REMOVE, NULL);
}

/* Not within a task that a task runs: the outer one's plan is among them. */
static void
plans_trim(void)
{
	HASH_SEQ_STATUS scan;
	PlanEntry *entry;

	if (hash_get_num_entries(plans) < MAX_PLANS || sandbox_depth() > 1)
		return;
	hash_seq_init(&scan, plans);
	while ((entry = hash_seq_search(&scan)) != NULL)
		plan_drop(entry);
}

SPIPlanPtr
sql_task_plan(const char *sql, int arg_count, Oid *arg_types)
{
	uint64 key = hash_bytes_extended((const unsigned char *) sql, (int) strlen(sql), 0) ^
		(arg_count > 0 ? hash_bytes_extended((unsigned char *) arg_types, arg_count * (int) sizeof(Oid), 1) : 0);
	PlanEntry *entry;
	SPIPlanPtr plan;
	bool found;

	if (plans == NULL)
		plans_begin();
	entry = hash_search(plans, &key, HASH_FIND, NULL);
	if (entry != NULL)
	{
		if (strcmp(entry->sql, sql) == 0)
			return entry->plan;
		plan_drop(entry);
	}

	plan = SPI_prepare(sql, arg_count, arg_types);
	if (plan == NULL)
		elog(ERROR, "could not prepare \"%s\": %s", sql, SPI_result_code_string(SPI_result));
	plans_trim();
	SPI_keepplan(plan);
	{
		char *kept = MemoryContextStrdup(TopMemoryContext, sql);

		entry = hash_search(plans, &key, HASH_ENTER, &found);
		entry->sql = kept;
		entry->plan = plan;
	}
	return plan;
}

/* ---- values ---- */

const JsonVal *
sql_task_value(Datum datum, Oid type)
{
	JvParseError problem;
	char *printed =
		type == JSONBOID ? DatumGetCString(DirectFunctionCall1(jsonb_out, datum)) : TextDatumGetCString(datum);
	const JsonVal *value = jv_parse(printed, (int) strlen(printed), &problem);

	if (value == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("result of the task cannot be used as JSON: %s", problem.message)));
	return value;
}

Datum
sql_task_row(HeapTuple tuple, TupleDesc columns)
{
	return DirectFunctionCall1(row_to_json, heap_copy_tuple_as_datum(tuple, BlessTupleDesc(columns)));
}

Datum
sql_task_datum(const JsonVal *value, Oid type)
{
	char *printed = jv_to_text(value);

	if (type == JSONBOID)
		return DirectFunctionCall1(jsonb_in, CStringGetDatum(printed));
	return CStringGetTextDatum(printed);
}
