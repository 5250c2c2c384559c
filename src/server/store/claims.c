/*
 * claims.c
 *	  Claiming due inbox rows and locking their executions.
 *
 * Two statements: the rows first (locked, SKIP LOCKED, so that executors share
 * out the queue), then their executions (locked, SKIP LOCKED).  The second one
 * has a newer snapshot and, being a lock, follows an execution to its latest
 * version, so what it returns is what the last holder committed.
 *
 * Where more is due than a turn claims, what has come since this process looked last is looked at as well: executions of
 * machines that the oldest rows are not of, so that nobody's backlog stands before the others' work.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "engine/event.h"
#include "engine/execution.h"
#include "shared/in_hand.h"
#include "shared/task_places.h"
#include "store/candidates.h"
#include "store/claims.h"
#include "store/execution_names.h"
#include "store/store.h"

#define MAX_IN_HAND 64
#define LONGEST_WHOLE_SCAN (10 * USECS_PER_SEC)     /* what seems to take longer may be a clock that was set */
#define NEWS_SLACK (50 * INT64CONST(1000))          /* microseconds from a row's due time to its commit, about */
#define NEWS_PAUSE (10 * INT64CONST(1000))          /* between two looks for news: short turns need none each */
#define LONGEST_LIGHT_PAUSE (50 * INT64CONST(1000)) /* then is looked whether there still is a crowd */
#define LONGEST_NEWS USECS_PER_SEC                  /* how far is looked back, however long ago the last look was */
#define LONGEST_WHOLE_PAUSE (2 * USECS_PER_SEC)     /* how long a late comer may wait for the next one */

static void lock_table(const char *name);
static int claim_beside_crowd(const TurnRequest *request, TimestampTz now, ClaimedExecution **executions,
							  TurnResult *result);
static InboxRow *claim_rows(const TurnRequest *request, int limit, TimestampTz now, int *count, TurnResult *result);
static InboxRow *claim_task_alone(const int64 *excluded, int excluded_count, TimestampTz now, int *count,
								  TurnResult *result);
static InboxRow *claim_rows_of(const int64 *ids, int id_count, TimestampTz now, int *count);
static InboxRow *read_rows(int count);
static int take_executions(InboxRow *rows, int row_count, bool drops_orphans, ClaimedExecution **executions);
static int add_news(const TurnRequest *request, TimestampTz now, ClaimedExecution **executions, int count,
					TurnResult *result);
static bool is_within(TimestampTz then, TimestampTz now, int64 microseconds);
static int find_news(const TurnRequest *request, TimestampTz now, const int64 *machines, int machine_count, int64 *ids);
static int claim_news(const int64 *ids, int id_count, TimestampTz now, ClaimedExecution **executions,
					  TurnResult *result);
static bool whole_scan_is_due(void);
static TimestampTz whole_scan_pause(void);
static int distinct(int64 *values, int count);
static int distinct_executions(InboxRow *rows, int count, int64 **ids);
static int lock_executions(const int64 *ids, int count, ClaimedExecution **executions);
static int compare_first_row(const void *a, const void *b);
static ClaimedExecution *locked_execution(ClaimedExecution *executions, int count, int64 id);
static void load_branches(ClaimedExecution *executions, int count);
static void drop_orphans(const int64 *ids, int id_count, ClaimedExecution *executions, int count);

/*
 * Where the next claim begins to look.  What is due is claimed in the order of its
 * due time, so all that was left of the last claimed row is gone, held by another
 * executor, or came late.  Beginning there keeps a claim from walking again over the
 * entries of deleted rows, which stay in the index as long as any snapshot is old enough
 * to see them.
 */
static struct
{
	TimestampTz floor;
	TimestampTz whole_ended; /* the last scan of the whole index */
	TimestampTz whole_took;
	bool was_whole;           /* the last claim of any execution looked at everything */
	TimestampTz news_ended;   /* up to where was looked for news */
	TimestampTz light_looked; /* when only what is light was looked for */
	int64 light_pause;        /* until it is again; microseconds */
} position = {.floor = DT_NOBEGIN};

int
claim_due(const TurnRequest *request, int limit, TimestampTz now, ClaimedExecution **executions, TurnResult *result)
{
	int row_count;
	InboxRow *rows;
	int count;

	lock_table("inbox");
	if (request->passes_crowd)
		return claim_beside_crowd(request, now, executions, result);
	rows = claim_rows(request, limit, now, &row_count, result);
	result->rows_claimed = row_count;
	result->has_more = row_count >= limit;
	if (row_count == 0)
	{
		*executions = NULL;
		result->next_due = inbox_next_due(now, request->takes_alone);
		if (!position.was_whole)
			result->next_due = Min(result->next_due != 0 ? result->next_due : DT_NOEND, now + whole_scan_pause());
		return 0;
	}

	lock_table("execution");
	count = take_executions(rows, row_count, true, executions);
	if (result->has_more && request->mode == TURN_SHARED && request->max_executions > 1 &&
		request->only_execution == 0 && !is_within(position.news_ended, now, NEWS_PAUSE))
		count = add_news(request, now, executions, count, result);
	return count;
}

/*
 * Only what is light beside the crowd; helpers see to that, and to what is overlooked here.  A look may take a fifth of the
 * time, however often there is something new.
 */
static int
claim_beside_crowd(const TurnRequest *request, TimestampTz now, ClaimedExecution **executions, TurnResult *result)
{
	int64 ids[MAX_NEWS];
	int id_count;
	int count;
	TimestampTz due;

	*executions = NULL;
	if (is_within(position.light_looked, now, position.light_pause))
	{
		result->next_due = position.light_looked + position.light_pause;
		return 0;
	}
	id_count = find_news(request, now, &request->crowd.machine, 1, ids);
	position.light_looked = now;
	position.light_pause = Min((GetCurrentTimestamp() - now) * 4, LONGEST_LIGHT_PAUSE);
	count = claim_news(ids, id_count, now, executions, result);
	if (result->rows_claimed > 0)
		return count;
	due = inbox_next_due(now, request->takes_alone);
	result->next_due = Min(due != 0 ? due : DT_NOEND, now + LONGEST_LIGHT_PAUSE);
	return 0;
}

/* Neither longer ago than that nor, by a clock that was set back, in the future. */
static bool
is_within(TimestampTz then, TimestampTz now, int64 microseconds)
{
	return then <= now && now - then < microseconds;
}

/* The executions of the rows that nobody else holds, each with its rows, oldest first. */
static int
take_executions(InboxRow *rows, int row_count, bool drops_orphans, ClaimedExecution **executions)
{
	int64 *ids;
	int id_count = distinct_executions(rows, row_count, &ids);
	int count = lock_executions(ids, id_count, executions);

	for (int i = 0; i < row_count; i++)
	{
		ClaimedExecution *execution = locked_execution(*executions, count, rows[i].execution_id);

		if (execution == NULL)
			continue;
		rows[i].next = NULL;
		if (execution->last_row == NULL)
			execution->first_row = &rows[i];
		else
			execution->last_row->next = &rows[i];
		execution->last_row = &rows[i];
	}
	if (count < id_count && drops_orphans)
		drop_orphans(ids, id_count, *executions, count);
	load_branches(*executions, count); /* finds them by their ids, in which order they are no longer after this */
	qsort(*executions, count, sizeof(ClaimedExecution), compare_first_row);
	return count;
}

/* Executions for which something came due since this process looked last, of none of these machines. */
static int
find_news(const TurnRequest *request, TimestampTz now, const int64 *machines, int machine_count, int64 *ids)
{
	TimestampTz since = Max(Min(position.news_ended, now) - NEWS_SLACK, now - LONGEST_NEWS);
	Candidate news[MAX_NEWS];
	int found;

	found = candidates_among_news(since, now, machines, machine_count, request->excluded, request->excluded_count,
								  request->passes_crowd ? &request->crowd : NULL, news);
	position.news_ended = now;
	for (int i = 0; i < found; i++)
		ids[i] = news[i].execution_id;
	return found;
}

/* Claims what is due for them; how many of them nobody else holds. */
static int
claim_news(const int64 *ids, int id_count, TimestampTz now, ClaimedExecution **executions, TurnResult *result)
{
	int row_count = 0;
	InboxRow *rows = id_count > 0 ? claim_rows_of(ids, id_count, now, &row_count) : NULL;

	if (row_count == 0)
		return 0;
	result->rows_claimed += row_count;
	lock_table("execution");
	return take_executions(rows, row_count, false, executions);
}

/* Adds what has come of other machines than those claimed; returns how many executions there are now. */
static int
add_news(const TurnRequest *request, TimestampTz now, ClaimedExecution **executions, int count, TurnResult *result)
{
	int64 *machines = palloc(sizeof(int64) * (count + 1));
	int64 ids[MAX_NEWS];
	int id_count;
	ClaimedExecution *news;
	ClaimedExecution *all;
	int news_count;

	for (int i = 0; i < count; i++)
		machines[i] = (*executions)[i].state_machine_id;
	id_count = find_news(request, now, machines, distinct(machines, count), ids);
	news_count = claim_news(ids, id_count, now, &news, result);
	if (news_count == 0)
		return count;
	all = palloc(sizeof(ClaimedExecution) * (count + news_count));
	memcpy(all, *executions, sizeof(ClaimedExecution) * count);
	memcpy(all + count, news, sizeof(ClaimedExecution) * news_count);
	*executions = all;
	return count + news_count;
}

/*
 * The lock that writing will need, before reading takes one on the indexes: REINDEX locks the
 * table first and its indexes then, and would meet us the other way round.
 */
static void
lock_table(const char *name)
{
	Oid relation = get_relname_relid(name, get_namespace_oid("sfn", true));

	if (OidIsValid(relation))
		LockRelationOid(relation, RowExclusiveLock);
}

/* Which kinds of rows a turn may take: tasks to be run alone are for those who take them. */
#define CLAIM_COLUMNS "SELECT ctid, execution_id, due, branch, visit, attempt, kind, timer, payload FROM sfn.inbox"
enum
{
	ROW_TID = 1,
	ROW_EXECUTION_ID,
	ROW_DUE,
	ROW_BRANCH,
	ROW_VISIT,
	ROW_ATTEMPT,
	ROW_KIND,
	ROW_TIMER,
	ROW_PAYLOAD
};

/* Those that others have in hand now, and those that the caller does not want. */
static const int64 *
executions_to_leave(const TurnRequest *request, int *count)
{
	int64 *ids = palloc(sizeof(int64) * (MAX_IN_HAND + request->excluded_count));

	*count = worker_executions_in_hand(ids, MAX_IN_HAND);
	if (request->excluded_count > 0)
		memcpy(ids + *count, request->excluded, sizeof(int64) * request->excluded_count);
	*count += request->excluded_count;
	return ids;
}

static InboxRow *
claim_rows(const TurnRequest *request, int limit, TimestampTz now, int *count, TurnResult *result)
{
	static StoreQuery any = {CLAIM_COLUMNS " WHERE due <= $1 AND execution_id <> ALL ($2) AND due >= $4"
										   " ORDER BY due, id LIMIT $3 FOR UPDATE SKIP LOCKED",
							 4,
							 {TIMESTAMPTZOID, INT8ARRAYOID, INT8OID, TIMESTAMPTZOID}};
	static StoreQuery without_alone =
		{CLAIM_COLUMNS " WHERE due <= $1 AND execution_id <> ALL ($2) AND due >= $4 AND kind <> :EVENT_RUN_TASK_ALONE"
					   " ORDER BY due, id LIMIT $3 FOR UPDATE SKIP LOCKED",
		 4,
		 {TIMESTAMPTZOID, INT8ARRAYOID, INT8OID, TIMESTAMPTZOID}};
	static StoreQuery one_execution = {CLAIM_COLUMNS " WHERE due <= $1 AND execution_id = ANY ($2) AND due >= $4"
													 " ORDER BY due, id LIMIT $3 FOR UPDATE SKIP LOCKED",
									   4,
									   {TIMESTAMPTZOID, INT8ARRAYOID, INT8OID, TIMESTAMPTZOID}};
	StoreQuery *query = request->takes_alone ? &any : &without_alone;
	const int64 *excluded = &request->only_execution;
	int excluded_count = 1;
	Datum args[4];
	InboxRow *rows;
	bool is_of_queue = request->mode != TURN_ALONE && request->only_execution == 0;
	bool is_whole = request->mode != TURN_SHARED || request->only_execution != 0 || whole_scan_is_due();
	TimestampTz started = GetCurrentTimestamp();

	if (request->only_execution != 0)
		query = &one_execution;
	else
		excluded = executions_to_leave(request, &excluded_count);
	if (request->only_execution == 0 && request->mode == TURN_ALONE)
		return claim_task_alone(excluded, excluded_count, now, count, result);

	args[0] = TimestampTzGetDatum(now);
	args[1] = store_int64_array(excluded, excluded_count);
	args[2] = Int64GetDatum(limit);
	args[3] = TimestampTzGetDatum(is_whole ? DT_NOBEGIN : position.floor);
	*count = (int) store_run(query, args, NULL, 0);
	if (is_of_queue)
		position.was_whole = is_whole;
	if (is_of_queue && is_whole)
	{
		position.whole_ended = GetCurrentTimestamp();
		position.whole_took = Min(Max(position.whole_ended - started, 0), LONGEST_WHOLE_SCAN);
	}

	rows = read_rows(*count);
	if (*count > 0 && request->mode == TURN_SHARED && request->only_execution == 0)
		position.floor = rows[*count - 1].due;
	return rows;
}

/* The rows of the last result. */
static InboxRow *
read_rows(int count)
{
	InboxRow *rows = palloc0(sizeof(InboxRow) * (count + 1));

	for (int i = 0; i < count; i++)
	{
		bool is_null;
		Datum tid = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, ROW_TID, &is_null);

		rows[i].tid = *(ItemPointer) DatumGetPointer(tid);
		rows[i].execution_id = store_int64(i, ROW_EXECUTION_ID);
		rows[i].due = store_timestamp(i, ROW_DUE);
		rows[i].branch = store_int32(i, ROW_BRANCH);
		rows[i].visit = store_int32(i, ROW_VISIT);
		rows[i].attempt = store_int32(i, ROW_ATTEMPT);
		rows[i].kind = store_int16(i, ROW_KIND);
		rows[i].timer = store_int16(i, ROW_TIMER);
		rows[i].payload = store_text(i, ROW_PAYLOAD);
	}
	return rows;
}

/* What is due for these executions, to be run in a shared turn. */
static InboxRow *
claim_rows_of(const int64 *ids, int id_count, TimestampTz now, int *count)
{
	static StoreQuery query = {CLAIM_COLUMNS
							   " WHERE execution_id = ANY ($1) AND due <= $2 AND kind <> :EVENT_RUN_TASK_ALONE"
							   " ORDER BY due, id FOR UPDATE SKIP LOCKED",
							   2,
							   {INT8ARRAYOID, TIMESTAMPTZOID}};
	Datum args[2] = {store_int64_array(ids, id_count), TimestampTzGetDatum(now)};

	*count = (int) store_run(&query, args, NULL, 0);
	return read_rows(*count);
}

/* The row of one task, of the role and machine whose turn it is; the place it needs is taken. */
static InboxRow *
claim_task_alone(const int64 *excluded, int excluded_count, TimestampTz now, int *count, TurnResult *result)
{
	static StoreQuery query =
		{CLAIM_COLUMNS
		 " i WHERE due <= $1 AND execution_id = $2 AND kind = :EVENT_RUN_TASK_ALONE AND payload IS NOT NULL"
		 " ORDER BY due, id LIMIT 1 FOR UPDATE SKIP LOCKED",
		 2,
		 {TIMESTAMPTZOID, INT8OID}};
	Candidate candidates[MAX_TASKS_ALONE];
	int left = candidates_alone(now, excluded, excluded_count, candidates);
	Candidate task;

	while (candidate_take_place(candidates, &left, &task, &result->leaves_place))
	{
		Datum args[2] = {TimestampTzGetDatum(now), Int64GetDatum(task.execution_id)};

		candidate_forget(task.execution_id);
		*count = (int) store_run(&query, args, NULL, 0);
		if (*count > 0)
			return read_rows(*count);
		task_place_leave(); /* another executor was faster */
	}
	*count = 0;
	return read_rows(0);
}

/* A twentieth of the time may go into scans of the whole index, but nothing waits longer than this. */
static TimestampTz
whole_scan_pause(void)
{
	return Min(20 * position.whole_took, LONGEST_WHOLE_PAUSE);
}

/*
 * Rows left of the floor are looked for by scans of the whole index, which may
 * take a twentieth of the time: often when the index is clean, seldom when an
 * old snapshot keeps its dead entries.  A clock that was set back leaves a floor in
 * the future, to the left of which is all that comes now.
 */
static bool
whole_scan_is_due(void)
{
	TimestampTz now = GetCurrentTimestamp();

	if (now < position.whole_ended)
		position.floor = DT_NOBEGIN;
	return now < position.whole_ended || now - position.whole_ended >= whole_scan_pause();
}

/* Rows that were claimed but not delivered in their turn are the next turn's. */
void
claim_give_back(TimestampTz due)
{
	position.floor = Min(position.floor, due);
}

/* The turn begins with what has waited longest: it may not have time for all. */
static int
compare_first_row(const void *a, const void *b)
{
	const InboxRow *x = ((const ClaimedExecution *) a)->first_row;
	const InboxRow *y = ((const ClaimedExecution *) b)->first_row;

	/* the rows stand in one array, in the order of their claim */
	return x < y ? -1 : x > y ? 1 : 0;
}

static int
compare_int64(const void *a, const void *b)
{
	int64 x = *(const int64 *) a;
	int64 y = *(const int64 *) b;

	return x < y ? -1 : x > y ? 1 : 0;
}

/* Sorts them and drops what is there twice; returns how many are left. */
static int
distinct(int64 *values, int count)
{
	int left = 0;

	qsort(values, count, sizeof(int64), compare_int64);
	for (int i = 0; i < count; i++)
		if (left == 0 || values[left - 1] != values[i])
			values[left++] = values[i];
	return left;
}

static int
distinct_executions(InboxRow *rows, int count, int64 **ids)
{
	*ids = palloc(sizeof(int64) * (count + 1));
	for (int i = 0; i < count; i++)
		(*ids)[i] = rows[i].execution_id;
	return distinct(*ids, count);
}

#define LOCK_COLUMNS \
	"SELECT e.id, e.state_machine_id, e.revision_id, " STORED_NAME \
	", e.status, e.start_date, e.redrive_date, e.redrive_count," \
	" e.last_event_id, e.last_branch_id, e.has_branches, e.has_parent, e.is_deleted, e.quarantined_at IS NOT NULL, e.input, e.image," \
	" e.state_input, e.variables, e.version, e.alias, e.map_run_id, e.map_items, e.starter, e.trace_header FROM sfn.execution e"
enum
{
	LOCK_ID = 1,
	LOCK_STATE_MACHINE_ID,
	LOCK_REVISION_ID,
	LOCK_NAME,
	LOCK_STATUS,
	LOCK_START_DATE,
	LOCK_REDRIVE_DATE,
	LOCK_REDRIVE_COUNT,
	LOCK_LAST_EVENT_ID,
	LOCK_LAST_BRANCH_ID,
	LOCK_HAS_BRANCHES,
	LOCK_HAS_PARENT,
	LOCK_IS_DELETED,
	LOCK_IS_QUARANTINED,
	LOCK_INPUT,
	LOCK_IMAGE,
	LOCK_STATE_INPUT,
	LOCK_VARIABLES,
	LOCK_VERSION,
	LOCK_ALIAS,
	LOCK_MAP_RUN_ID,
	LOCK_MAP_ITEMS,
	LOCK_STARTER,
	LOCK_TRACE_HEADER
};

/* Locks those executions that nobody holds; they come back sorted by id. */
static int
lock_executions(const int64 *ids, int count, ClaimedExecution **executions)
{
	static StoreQuery query = {LOCK_COLUMNS " WHERE e.id = ANY ($1) FOR UPDATE SKIP LOCKED", 1, {INT8ARRAYOID}};
	Datum args[1] = {store_int64_array(ids, count)};
	int locked = (int) store_run(&query, args, NULL, 0);
	ClaimedExecution *list = palloc0(sizeof(ClaimedExecution) * (locked + 1));

	for (int i = 0; i < locked; i++)
	{
		ClaimedExecution *execution = &list[i];

		execution->id = store_int64(i, LOCK_ID);
		execution->state_machine_id = store_int64(i, LOCK_STATE_MACHINE_ID);
		execution->revision_id = store_int64(i, LOCK_REVISION_ID);
		execution->name = store_text(i, LOCK_NAME);
		execution->status = store_int16(i, LOCK_STATUS);
		execution->start_date = store_timestamp(i, LOCK_START_DATE);
		execution->redrive_date = store_timestamp(i, LOCK_REDRIVE_DATE);
		execution->redrive_count = store_int32(i, LOCK_REDRIVE_COUNT);
		execution->last_event_id = store_int64(i, LOCK_LAST_EVENT_ID);
		execution->last_branch_id = store_int32(i, LOCK_LAST_BRANCH_ID);
		execution->has_branches = store_bool(i, LOCK_HAS_BRANCHES);
		execution->has_parent = store_bool(i, LOCK_HAS_PARENT);
		execution->is_deleted = store_bool(i, LOCK_IS_DELETED);
		execution->is_quarantined = store_bool(i, LOCK_IS_QUARANTINED);
		execution->input = store_text(i, LOCK_INPUT);
		execution->image = store_text(i, LOCK_IMAGE);
		execution->state_input = store_text(i, LOCK_STATE_INPUT);
		execution->variables = store_text(i, LOCK_VARIABLES);
		execution->version = store_int32(i, LOCK_VERSION);
		execution->alias = store_text(i, LOCK_ALIAS);
		execution->map_run_id = store_int64(i, LOCK_MAP_RUN_ID);
		execution->map_items = store_int32(i, LOCK_MAP_ITEMS);
		execution->starter = store_oid(i, LOCK_STARTER);
		execution->trace_header = store_text(i, LOCK_TRACE_HEADER);
		candidates_remember(execution->id, execution->state_machine_id);
	}
	qsort(list, locked, sizeof(ClaimedExecution), compare_int64); /* id is the first member */
	*executions = list;
	return locked;
}

static ClaimedExecution *
locked_execution(ClaimedExecution *executions, int count, int64 id)
{
	return bsearch(&id, executions, count, sizeof(ClaimedExecution), compare_int64);
}

/* Inbox rows of executions that are no more (deleted by an administrator): nobody will ever take them. */
static void
drop_orphans(const int64 *ids, int id_count, ClaimedExecution *executions, int count)
{
	static StoreQuery query =
		{"DELETE FROM sfn.inbox WHERE ctid = ANY (ARRAY(SELECT i.ctid FROM sfn.inbox i WHERE i.execution_id = ANY ($1)"
		 " AND NOT EXISTS (SELECT FROM sfn.execution e WHERE e.id = i.execution_id) FOR UPDATE OF i SKIP LOCKED))",
		 1,
		 {INT8ARRAYOID}};
	int64 *missing = palloc(sizeof(int64) * id_count);
	int missing_count = 0;
	Datum args[1];

	for (int i = 0; i < id_count; i++)
		if (locked_execution(executions, count, ids[i]) == NULL)
			missing[missing_count++] = ids[i];
	args[0] = store_int64_array(missing, missing_count);
	(void) store_run(&query, args, NULL, 0);
}

#define BRANCH_COLUMNS \
	"SELECT execution_id, id, parent_id, index, image, state_input, variables, output FROM sfn.branch"
enum
{
	BRANCH_EXECUTION_ID = 1,
	BRANCH_ID,
	BRANCH_PARENT_ID,
	BRANCH_INDEX,
	BRANCH_IMAGE,
	BRANCH_STATE_INPUT,
	BRANCH_VARIABLES,
	BRANCH_OUTPUT
};

static BranchRow *
branch_row(uint64 row)
{
	BranchRow *branch = palloc0(sizeof(BranchRow));

	branch->id = store_int32(row, BRANCH_ID);
	branch->parent_id = store_int32(row, BRANCH_PARENT_ID);
	branch->index = store_int32(row, BRANCH_INDEX);
	branch->image = store_text(row, BRANCH_IMAGE);
	branch->state_input = store_text(row, BRANCH_STATE_INPUT);
	branch->variables = store_text(row, BRANCH_VARIABLES);
	branch->output = store_text(row, BRANCH_OUTPUT);
	return branch;
}

/* The live branches of all claimed executions that have any.  A parent's id is below its children's. */
static void
load_branches(ClaimedExecution *executions, int count)
{
	static StoreQuery query = {BRANCH_COLUMNS
							   " WHERE execution_id = ANY ($1) AND NOT is_finished ORDER BY execution_id, id DESC",
							   1,
							   {INT8ARRAYOID}};
	int64 *ids = palloc(sizeof(int64) * (count + 1));
	int id_count = 0;
	Datum args[1];
	uint64 rows;

	for (int i = 0; i < count; i++)
		if (executions[i].has_branches)
			ids[id_count++] = executions[i].id;
	if (id_count == 0)
		return;

	lock_table("branch");
	args[0] = store_int64_array(ids, id_count);
	rows = store_run(&query, args, NULL, 0);
	for (uint64 i = 0; i < rows; i++)
	{
		ClaimedExecution *execution = locked_execution(executions, count, store_int64(i, BRANCH_EXECUTION_ID));
		BranchRow *branch = branch_row(i);

		branch->next = execution->branches;
		execution->branches = branch;
	}
}

BranchRow *
claim_finished_children(int64 execution_id, int32 parent_id)
{
	static StoreQuery query = {BRANCH_COLUMNS
							   " WHERE execution_id = $1 AND parent_id = $2 AND is_finished ORDER BY index DESC",
							   2,
							   {INT8OID, INT4OID}};
	Datum args[2] = {Int64GetDatum(execution_id), Int32GetDatum(parent_id)};
	uint64 rows = store_run(&query, args, NULL, 0);
	BranchRow *list = NULL;

	for (uint64 i = 0; i < rows; i++)
	{
		BranchRow *branch = branch_row(i);

		branch->next = list;
		list = branch;
	}
	return list;
}

static bool
inbox_has(StoreQuery *query, Datum *args)
{
	StoreScope scope;
	bool is_there;

	store_enter(&scope);
	is_there = store_run(query, args, NULL, 1) == 1;
	store_leave(&scope);
	return is_there;
}

bool
inbox_has_stop(int64 execution_id)
{
	static StoreQuery query = {"SELECT FROM sfn.inbox WHERE execution_id = $1 AND kind = :EVENT_STOP LIMIT 1",
							   1,
							   {INT8OID}};
	Datum args[1] = {Int64GetDatum(execution_id)};

	return inbox_has(&query, args);
}

bool
inbox_has_redrive(int64 execution_id)
{
	static StoreQuery query = {"SELECT FROM sfn.inbox WHERE execution_id = $1 AND kind = :EVENT_REDRIVE LIMIT 1",
							   1,
							   {INT8OID}};
	Datum args[1] = {Int64GetDatum(execution_id)};

	return inbox_has(&query, args);
}

bool
inbox_stop_follows(int64 execution_id, int32 run, ItemPointer redrive)
{
	static StoreQuery query = {"SELECT FROM sfn.inbox i WHERE i.execution_id = $1 AND i.kind = :EVENT_STOP"
							   " AND (i.visit = $2 OR i.visit = :STOP_ANY_RUN"
							   "  AND (i.due, i.id) > (SELECT r.due, r.id FROM sfn.inbox r WHERE r.ctid = $3)) LIMIT 1",
							   3,
							   {INT8OID, INT4OID, TIDOID}};
	Datum args[3] = {Int64GetDatum(execution_id), Int32GetDatum(run), PointerGetDatum(redrive)};

	return inbox_has(&query, args);
}

TimestampTz
inbox_next_due(TimestampTz now, bool takes_alone)
{
	static StoreQuery any = {"SELECT due FROM sfn.inbox WHERE due > $1 AND due < 'infinity' ORDER BY due LIMIT 1",
							 1,
							 {TIMESTAMPTZOID}};
	Datum args[1] = {TimestampTzGetDatum(now)};

	(void) takes_alone;
	return store_run(&any, args, NULL, 1) == 1 ? store_timestamp(0, ONLY_COLUMN) : 0;
}

/* Lists look for it among the starts that are due: a start that is put off would be missing. */
static void
list_as_running(int64 execution_id)
{
	static StoreQuery query =
		{"INSERT INTO sfn.execution_status (state_machine_id, map_run_id, start_date, execution_id, status)"
		 " SELECT e.state_machine_id, coalesce(e.map_run_id, 0), e.start_date, e.id, e.status FROM sfn.execution e"
		 " WHERE e.id = $1 AND e.status = :EXECUTION_RUNNING ON CONFLICT DO NOTHING",
		 1,
		 {INT8OID}};
	Datum args[1] = {Int64GetDatum(execution_id)};

	(void) store_run(&query, args, NULL, 0);
}

void
execution_postpone(int64 execution_id, TimestampTz due)
{
	static StoreQuery query = {
		"UPDATE sfn.inbox SET due = $2 WHERE ctid = ANY (ARRAY(SELECT i.ctid FROM sfn.inbox i WHERE i.execution_id = $1"
		" AND i.due < $2 AND i.kind NOT IN (:EVENT_STOP, :EVENT_RELEASE) FOR UPDATE SKIP LOCKED))",
		2,
		{INT8OID, TIMESTAMPTZOID}};
	StoreScope scope;
	Datum args[2] = {Int64GetDatum(execution_id), TimestampTzGetDatum(due)};

	store_enter(&scope);
	(void) store_run(&query, args, NULL, 0);
	list_as_running(execution_id);
	store_leave(&scope);
}

int64
execution_quarantine(int64 execution_id, const char *reason, bool is_for_good)
{
	static StoreQuery mark = {"UPDATE sfn.execution SET quarantined_at = clock_timestamp(), quarantine_reason = $2"
							  " WHERE id = $1 AND stop_date IS NULL RETURNING state_machine_id",
							  2,
							  {INT8OID, TEXTOID}};
	static StoreQuery park =
		{"UPDATE sfn.inbox SET due = 'infinity' WHERE execution_id = $1 AND due <= clock_timestamp()"
		 " AND kind NOT IN (:EVENT_STOP, :EVENT_RELEASE)",
		 1,
		 {INT8OID}};
	static StoreQuery try_again = {"INSERT INTO sfn.inbox (execution_id, due, kind)"
								   " VALUES ($1, clock_timestamp() + interval '1 hour', :EVENT_RELEASE)",
								   1,
								   {INT8OID}};
	StoreScope scope;
	Datum args[2] = {Int64GetDatum(execution_id), CStringGetTextDatum(reason)};
	int64 state_machine_id = 0;

	store_enter(&scope);
	if (store_run(&mark, args, NULL, 0) == 1)
		state_machine_id = store_int64(0, ONLY_COLUMN);
	(void) store_run(&park, args, NULL, 0);
	list_as_running(execution_id);
	if (!is_for_good && state_machine_id != 0)
		(void) store_run(&try_again, args, NULL, 0);
	store_leave(&scope);
	return state_machine_id;
}

bool
execution_is_quarantined(int64 execution_id)
{
	static StoreQuery query =
		{"SELECT FROM sfn.execution WHERE id = $1 AND quarantined_at IS NOT NULL AND stop_date IS NULL", 1, {INT8OID}};
	Datum args[1] = {Int64GetDatum(execution_id)};

	return store_run(&query, args, NULL, 1) == 1;
}

void
execution_release(int64 execution_id, TimestampTz due)
{
	static StoreQuery clear = {"UPDATE sfn.execution SET quarantined_at = NULL, quarantine_reason = NULL WHERE id = $1",
							   1,
							   {INT8OID}};
	static StoreQuery wake = {"UPDATE sfn.inbox SET due = $2 WHERE execution_id = $1 AND due = 'infinity'",
							  2,
							  {INT8OID, TIMESTAMPTZOID}};
	static StoreQuery forget = {"DELETE FROM sfn.inbox WHERE execution_id = $1 AND kind = :EVENT_RELEASE AND due > $2",
								2,
								{INT8OID, TIMESTAMPTZOID}};
	StoreScope scope;
	Datum args[2] = {Int64GetDatum(execution_id), TimestampTzGetDatum(due)};

	store_enter(&scope);
	(void) store_run(&forget, args, NULL, 0);
	(void) store_run(&clear, args, NULL, 0);
	(void) store_run(&wake, args, NULL, 0);
	store_leave(&scope);
}
