/*
 * store.c
 *	  How C code reaches the extension's tables.
 *
 * The scope switches to the bootstrap superuser and locks search_path, so that
 * neither the caller's privileges nor operators in the caller's schemas have a
 * say in what the extension does to its own tables.
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "jit/jit.h"
#include "miscadmin.h"
#include "optimizer/cost.h"
#include "optimizer/geqo.h"
#include "optimizer/optimizer.h"
#include "optimizer/paths.h"
#include "optimizer/planmain.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/plancache.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "settings/compat.h"
#include "store/sql_numbers.h"
#include "store/store.h"

/*
 * Statements look up one key or join a few hundred with a table of any size.  A
 * plan that is made while the table is small, or with a short array, must not
 * answer that with a scan of the whole table when it has grown; nor are statements to
 * be planned anew for each call because an array is short this time, which takes
 * longer than a turn of one execution.  So while the engine's own statements run, they
 * go through indexes and have one plan, which is never compiled: what has no index is
 * small, but looks expensive.  Statements that scan are planned as the server's settings say.  Settings of user code are not
 * touched: unpinned around it.  Nor have they a say: a plan stays in the process, for whoever comes next.
 */
typedef enum PlannerPin
{
	UNPINNED,
	PIN_INDEXES,
	PIN_SCANS,
	PLANNER_PINS
} PlannerPin;

static PlannerPin planner_pin = UNPINNED;

/* What a setting is in each case; while anything is pinned, what it was before stands in the place for UNPINNED. */
static struct
{
	bool *setting;
	bool values[PLANNER_PINS];
} planner_switches[] = {
	{&enable_seqscan, {[PIN_INDEXES] = false, [PIN_SCANS] = true}},
	{&enable_hashjoin, {[PIN_INDEXES] = false, [PIN_SCANS] = true}},
	{&enable_mergejoin, {[PIN_INDEXES] = false, [PIN_SCANS] = true}},
	{&enable_bitmapscan, {[PIN_INDEXES] = false, [PIN_SCANS] = true}},
	{&enable_material, {[PIN_INDEXES] = false, [PIN_SCANS] = true}},
	{&jit_enabled, {[PIN_INDEXES] = false, [PIN_SCANS] = false}},
	{&enable_indexscan, {[PIN_INDEXES] = true, [PIN_SCANS] = true}},
	{&enable_indexonlyscan, {[PIN_INDEXES] = true, [PIN_SCANS] = true}},
	{&enable_tidscan, {[PIN_INDEXES] = true, [PIN_SCANS] = true}},
	{&enable_nestloop, {[PIN_INDEXES] = true, [PIN_SCANS] = true}},
	{&enable_memoize, {[PIN_INDEXES] = true, [PIN_SCANS] = true}},
	{&enable_sort, {[PIN_INDEXES] = true, [PIN_SCANS] = true}},
	{&enable_incremental_sort, {[PIN_INDEXES] = true, [PIN_SCANS] = true}},
	{&enable_hashagg, {[PIN_INDEXES] = true, [PIN_SCANS] = true}},
	{&enable_partition_pruning, {[PIN_INDEXES] = true, [PIN_SCANS] = true}},
	{&enable_geqo, {[PIN_INDEXES] = true, [PIN_SCANS] = true}},
};

#define SERVERS (-1) /* what it is for whoever sets nothing */

static struct
{
	const char *name;
	double *setting;
	double values[PLANNER_PINS];
} planner_costs[] = {
	{"seq_page_cost", &seq_page_cost, {[PIN_INDEXES] = DEFAULT_SEQ_PAGE_COST, [PIN_SCANS] = SERVERS}},
	{"random_page_cost", &random_page_cost, {[PIN_INDEXES] = DEFAULT_RANDOM_PAGE_COST, [PIN_SCANS] = SERVERS}},
	{"cpu_tuple_cost", &cpu_tuple_cost, {[PIN_INDEXES] = DEFAULT_CPU_TUPLE_COST, [PIN_SCANS] = SERVERS}},
	{"cpu_index_tuple_cost",
	 &cpu_index_tuple_cost,
	 {[PIN_INDEXES] = DEFAULT_CPU_INDEX_TUPLE_COST, [PIN_SCANS] = SERVERS}},
	{"cpu_operator_cost", &cpu_operator_cost, {[PIN_INDEXES] = DEFAULT_CPU_OPERATOR_COST, [PIN_SCANS] = SERVERS}},
	{"hash_mem_multiplier", &hash_mem_multiplier, {[PIN_INDEXES] = SERVERS, [PIN_SCANS] = SERVERS}},
};

static struct
{
	const char *name;
	int *setting;
	int values[PLANNER_PINS];
} planner_numbers[] = {
	{"plan_cache_mode",
	 &plan_cache_mode,
	 {[PIN_INDEXES] = PLAN_CACHE_MODE_FORCE_GENERIC_PLAN, [PIN_SCANS] = PLAN_CACHE_MODE_AUTO}},
	{"effective_cache_size",
	 &effective_cache_size,
	 {[PIN_INDEXES] = DEFAULT_EFFECTIVE_CACHE_SIZE, [PIN_SCANS] = SERVERS}},
	{"work_mem", &work_mem, {[PIN_INDEXES] = SERVERS, [PIN_SCANS] = SERVERS}},
	{"from_collapse_limit", &from_collapse_limit, {[PIN_INDEXES] = 8, [PIN_SCANS] = 8}},
	{"join_collapse_limit", &join_collapse_limit, {[PIN_INDEXES] = 8, [PIN_SCANS] = 8}},
	{"geqo_threshold", &geqo_threshold, {[PIN_INDEXES] = 12, [PIN_SCANS] = 12}},
};

static void pin_planner(PlannerPin pin);
static SPIPlanPtr query_plan(StoreQuery *query);
static bool plan_writes(SPIPlanPtr plan);
static Datum result_column(uint64 row, int column, bool *is_null);

/*
 * Opens a scope in which the tables can be reached; store_leave() closes it.  The
 * caller's memory context stays current, so what it allocates outlives the scope.
 */
void
store_enter(StoreScope *scope)
{
	MemoryContext caller_context = CurrentMemoryContext;

	GetUserIdAndSecContext(&scope->saved_user, &scope->saved_sec_context);
	scope->caller = scope->saved_user;
	SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID, scope->saved_sec_context | SECURITY_LOCAL_USERID_CHANGE);
	scope->saved_nest_level = search_path_lock();
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	MemoryContextSwitchTo(caller_context);
}

/* Closes the scope; results of store_run() are gone after it. */
void
store_leave(StoreScope *scope)
{
	SPI_finish();
	search_path_unlock(scope->saved_nest_level);
	SetUserIdAndSecContext(scope->saved_user, scope->saved_sec_context);
}

static int
run_latest(SPIPlanPtr plan, Datum *args, const char *nulls, long limit)
{
	return SPI_execute_snapshot(plan, args, nulls, GetLatestSnapshot(), InvalidSnapshot, false, false, limit);
}

uint64
store_run(StoreQuery *query, Datum *args, const char *nulls, long limit)
{
	MemoryContext caller_context = CurrentMemoryContext;
	PlannerPin outer = planner_pin;
	SPIPlanPtr plan = query_plan(query);
	int result;

	if (RecoveryInProgress() && plan_writes(plan))
		store_refuse_standby();
	if (outer != PIN_INDEXES)
		pin_planner(query->scans ? PIN_SCANS : PIN_INDEXES);
	if (query->sees_latest)
		result = run_latest(plan, args, nulls, limit);
	else
		result = SPI_execute_plan(plan, args, nulls, false, limit);
	pin_planner(outer);
	MemoryContextSwitchTo(caller_context); /* SPI leaves its own */
	if (result < 0)
		elog(ERROR, "statement failed: %s: %s", SPI_result_code_string(result), query->sql);
	return SPI_processed;
}

/* The saved plan of a query, made at its first use in this process. */
static SPIPlanPtr
query_plan(StoreQuery *query)
{
	SPIPlanPtr plan;

	if (query->plan != NULL)
		return query->plan;

	plan = SPI_prepare(sql_with_numbers(query->sql), query->arg_count, query->arg_types);
	if (plan == NULL)
		elog(ERROR, "could not prepare \"%s\": %s", query->sql, SPI_result_code_string(SPI_result));
	SPI_keepplan(plan);
	query->plan = plan;
	return plan;
}

/* Does it write or lock rows? */
static bool
plan_writes(SPIPlanPtr plan)
{
	const CachedPlanSource *source = linitial(SPI_plan_get_plan_sources(plan));
	const Query *query = linitial_node(Query, source->query_list);

	return query->commandType != CMD_SELECT || query->hasModifyingCTE || query->hasForUpdate;
}

void
store_refuse_standby(void)
{
	if (RecoveryInProgress())
		ereport(ERROR,
				(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
				 errmsg("sfn cannot change anything on this server, which is a standby"),
				 errhint("Do it on the primary server. Executions can be seen here, and synchronous ones run.")));
}

/* Without a unit, as the server prints what is shown by its number. */
static double
servers_value(const char *name)
{
	return strtod(GetConfigOptionResetString(name), NULL);
}

#define SAVE(settings) \
	for (size_t i = 0; i < lengthof(settings); i++) \
		(settings)[i].values[UNPINNED] = *(settings)[i].setting;
#define SET_NUMBERS(settings, pin) \
	for (size_t i = 0; i < lengthof(settings); i++) \
		*(settings)[i].setting = (pin) != UNPINNED && (settings)[i].values[pin] == SERVERS \
			? servers_value((settings)[i].name) \
			: (settings)[i].values[pin];

static void
pin_planner(PlannerPin pin)
{
	if (pin == planner_pin)
		return;
	if (planner_pin == UNPINNED)
	{
		SAVE(planner_switches);
		SAVE(planner_costs);
		SAVE(planner_numbers);
	}
	for (size_t i = 0; i < lengthof(planner_switches); i++)
		*planner_switches[i].setting = planner_switches[i].values[pin];
	SET_NUMBERS(planner_costs, pin);
	SET_NUMBERS(planner_numbers, pin);
	planner_pin = pin;
}

void
store_pin_planner(void)
{
	pin_planner(PIN_INDEXES);
}

void
store_unpin_planner(void)
{
	pin_planner(UNPINNED);
}

void
store_subtransaction_aborted(int level)
{
	store_unpin_planner();
}

/* ---- columns of a row of the last result ---- */

static Datum
result_column(uint64 row, int column, bool *is_null)
{
	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, is_null);
}

bool
store_is_null(uint64 row, int column)
{
	bool is_null;

	(void) result_column(row, column, &is_null);
	return is_null;
}

int64
store_int64(uint64 row, int column)
{
	bool is_null;
	Datum value = result_column(row, column, &is_null);

	return is_null ? 0 : DatumGetInt64(value);
}

void
store_int64s(int64 *values, uint64 count)
{
	for (uint64 i = 0; i < count; i++)
		values[i] = store_int64(i, ONLY_COLUMN);
}

int32
store_int32(uint64 row, int column)
{
	bool is_null;
	Datum value = result_column(row, column, &is_null);

	return is_null ? 0 : DatumGetInt32(value);
}

int16
store_int16(uint64 row, int column)
{
	bool is_null;
	Datum value = result_column(row, column, &is_null);

	return is_null ? 0 : DatumGetInt16(value);
}

bool
store_bool(uint64 row, int column)
{
	bool is_null;
	Datum value = result_column(row, column, &is_null);

	return is_null ? false : DatumGetBool(value);
}

Oid
store_oid(uint64 row, int column)
{
	bool is_null;
	Datum value = result_column(row, column, &is_null);

	return is_null ? InvalidOid : DatumGetObjectId(value);
}

TimestampTz
store_timestamp(uint64 row, int column)
{
	bool is_null;
	Datum value = result_column(row, column, &is_null);

	return is_null ? 0 : DatumGetTimestampTz(value);
}

/* A copy in the context current at the call; works for text and json, which share their form, and name. */
char *
store_text(uint64 row, int column)
{
	bool is_null;
	Datum value = result_column(row, column, &is_null);

	if (is_null)
		return NULL;
	if (SPI_gettypeid(SPI_tuptable->tupdesc, column) == NAMEOID)
		return pstrdup(NameStr(*DatumGetName(value)));
	return TextDatumGetCString(value);
}

Datum
store_array(uint64 row, int column)
{
	bool is_null;
	Datum value = result_column(row, column, &is_null);

	return is_null ? (Datum) 0 : PointerGetDatum(DatumGetArrayTypePCopy(value));
}

Datum
store_int32_array(const int32 *values, int count)
{
	Datum *datums = palloc(sizeof(Datum) * (count + 1));

	for (int i = 0; i < count; i++)
		datums[i] = Int32GetDatum(values[i]);
	return PointerGetDatum(construct_array(datums, count, INT4OID, sizeof(int32), true, TYPALIGN_INT));
}

Datum
store_int64_array(const int64 *values, int count)
{
	Datum *datums = palloc(sizeof(Datum) * (count + 1));

	for (int i = 0; i < count; i++)
		datums[i] = Int64GetDatum(values[i]);
	return PointerGetDatum(construct_array(datums, count, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

Datum
store_text_array(const char *const *values, int count)
{
	Datum *texts = palloc(sizeof(Datum) * (count + 1));

	for (int i = 0; i < count; i++)
		texts[i] = CStringGetTextDatum(values[i]);
	return PointerGetDatum(construct_array(texts, count, TEXTOID, -1, false, TYPALIGN_INT));
}

Datum
store_text_or_null(const char *text, char *null)
{
	*null = text != NULL ? ' ' : 'n';
	return text != NULL ? CStringGetTextDatum(text) : (Datum) 0;
}

Datum
store_moment_or_null(TimestampTz moment, char *null)
{
	*null = moment != 0 ? ' ' : 'n';
	return TimestampTzGetDatum(moment);
}
