/*
 * execution_pages.c
 *	  Reading executions and histories for those who ask about them.
 *
 * A list reads as many rows as it shows, whatever is kept.  What it walks is an index in the order of
 * the list: the executions of a machine by their start; those that run or ended without success by their rows in
 * sfn.execution_status; the children of a map run by their place.  A list of all merges the youngest of each machine that the
 * viewer may see; where these are many, it looks at the newest of everybody's first, and takes what he may see. That fills the page,
 * unless a map run has just had many children.  An execution that nobody has taken up yet has no row
 * in execution_status: what is RUNNING is looked for among the starts that are due, too.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "engine/execution.h"
#include "settings/clock.h"
#include "store/execution_names.h"
#include "store/execution_pages.h"
#include "store/executions.h"
#include "store/store.h"

/*
 * Arguments of all lists.  $1: the machine or map run; $2: the viewer; $3: the status, 0: any; $4, $5: where the page begins, start and id;
 * $6: its length; $7, $8, $9: version, alias, whether redriven; $10, $11: started from, and before; $12: now;
 * $13: rows to be looked at.
 */
#define LIST_ARGS \
	13, \
	{ \
		INT8OID, OIDOID, INT2OID, TIMESTAMPTZOID, INT8OID, INT4OID, INT4OID, TEXTOID, BOOLOID, TIMESTAMPTZOID, \
			TIMESTAMPTZOID, TIMESTAMPTZOID, INT4OID \
	}

#define IS_WANTED \
	"($7 = 0 OR e.version = $7) AND ($8 IS NULL OR e.alias = $8) AND ($9 IS NULL OR (e.redrive_count > 0) = $9)" \
	" AND e.start_date >= $10 AND e.start_date < $11"
#define IS_BEHIND(start, id) "(" start ", " id ") < ($4, $5)"
#define PAGE_BY(place) " ORDER BY " place " DESC, e.id DESC LIMIT $6"
#define WAITS_FOR_REDRIVE "EXISTS (SELECT FROM sfn.inbox i WHERE i.execution_id = e.id AND i.kind = :EVENT_REDRIVE)"

/*
 * The machines whose executions are listed, and whether the viewer sees all of them, or those that he has started: the
 * rule of sfn_internal.may_see_execution(), asked once for each machine.
 */
#define ONE_MACHINE \
	"machine AS MATERIALIZED (SELECT m.id, true AS sees FROM sfn.state_machine m WHERE m.id = $1" \
	" AND sfn_internal.may_see(coalesce(m.map_of, m.id), m.role::oid, $2))"
#define VISIBLE_MACHINES \
	"machine AS MATERIALIZED (SELECT m.id, pg_has_role($2, m.role::oid, 'USAGE')" \
	" OR sfn_internal.may_see(m.id, m.role::oid, $2) AS sees " FROM_VISIBLE ")"
#define FROM_VISIBLE \
	"FROM sfn.state_machine m WHERE m.type = 'STANDARD' AND m.map_of IS NULL AND (pg_has_role($2, m.role::oid, 'USAGE')" \
	" OR m.id = ANY (ARRAY(SELECT g.state_machine_id FROM sfn.state_machine_grant g" \
	" WHERE pg_has_role($2, g.grantee::oid, 'USAGE'))))"
#define IS_SEEN "(m.sees OR pg_has_role($2, e.starter::oid, 'USAGE'))"

/* The same for one row, without a look at the other machines. */
#define IS_VISIBLE \
	"EXISTS (SELECT FROM sfn.state_machine m WHERE m.id = e.state_machine_id AND m.type = 'STANDARD' AND m.map_of IS NULL" \
	" AND (pg_has_role($2, m.role::oid, 'USAGE') OR sfn_internal.may_see(m.id, m.role::oid, $2)" \
	" OR pg_has_role($2, e.starter::oid, 'USAGE') AND EXISTS (SELECT FROM sfn.state_machine_grant g" \
	" WHERE g.state_machine_id = m.id AND pg_has_role($2, g.grantee::oid, 'USAGE'))))"

#define EACH_MACHINE(which, rows) "SELECT l.id, l.place FROM machine m CROSS JOIN LATERAL (" rows ") l WHERE " which
#define FROM_MACHINES(rows) EACH_MACHINE("true", rows)
#define ANY_ROWS \
	"SELECT e.id, e.start_date AS place FROM (SELECT * FROM sfn.execution e WHERE e.state_machine_id = m.id" \
	" AND " IS_BEHIND("e.start_date", "e.id") " AND e.start_date >= $10" \
											  " ORDER BY e.start_date DESC, e.id DESC LIMIT $13) e" \
											  " WHERE ($3 = 0 OR e.status = $3) AND " IS_WANTED \
											  " AND " IS_SEEN PAGE_BY("e.start_date")
#define ANY_OF_MACHINE FROM_MACHINES(ANY_ROWS)
#define WITH_STATUS(owner, status) \
	"SELECT e.id, s.start_date AS place FROM sfn.execution_status s JOIN sfn.execution e ON e.id = s.execution_id" \
	" AND e.status = s.status WHERE " owner " AND s.status = " status \
	" AND " IS_BEHIND("s.start_date", "s.execution_id") " AND s.start_date >= $10 AND " IS_WANTED
#define STATUS_PAGE " ORDER BY s.start_date DESC, s.execution_id DESC LIMIT $6"
#define STATUS_ROWS \
	WITH_STATUS("s.state_machine_id = m.id AND s.map_run_id = 0", "$3") \
	" AND NOT " WAITS_FOR_REDRIVE " AND " IS_SEEN STATUS_PAGE
#define STATUS_OF_MACHINE FROM_MACHINES(STATUS_ROWS)
/*
 * Of machines of which the viewer sees all, which may be many, nothing but the index is read until it is known which rows are wanted: a
 * list of all has no other conditions.  The newest n of all are of the n machines whose newest are the newest.
 */
#define OF_NEWEST_MACHINES(rows) \
	"SELECT l.id, l.place FROM (SELECT m.id FROM machine m CROSS JOIN LATERAL (" rows " LIMIT 1) h" \
	" WHERE m.sees ORDER BY h.place DESC, h.id DESC LIMIT $6) m CROSS JOIN LATERAL (" rows " LIMIT $6) l"
#define NEWEST_OF_ALL \
	OF_NEWEST_MACHINES("SELECT e.id, e.start_date AS place FROM sfn.execution e WHERE e.state_machine_id = m.id" \
					   " AND " IS_BEHIND("e.start_date", "e.id") " AND e.start_date >= $10" \
																 " ORDER BY e.start_date DESC, e.id DESC") \
	" UNION ALL " EACH_MACHINE("NOT m.sees", ANY_ROWS)
#define STATUS_OF_ALL \
	OF_NEWEST_MACHINES( \
		"SELECT s.execution_id AS id, s.start_date AS place FROM sfn.execution_status s" \
		" WHERE s.state_machine_id = m.id AND s.map_run_id = 0 AND s.status = $3 AND " IS_BEHIND( \
			"s.start_date", "s.execution_id") " AND s.start_date >= $10 AND NOT EXISTS (SELECT FROM sfn.inbox i" \
											  " WHERE i.execution_id = s.execution_id AND i.kind = :EVENT_REDRIVE)" \
											  " ORDER BY s.start_date DESC, s.execution_id DESC") \
	" UNION ALL " EACH_MACHINE("NOT m.sees", STATUS_ROWS)

/* Nobody has taken them up: they are not in execution_status. */
#define STARTING(which) \
	"SELECT e.id, e.start_date AS place FROM sfn.inbox i JOIN sfn.execution e ON e.id = i.execution_id" \
	" WHERE i.kind = :EVENT_START AND i.due <= $12 AND e.status = :EXECUTION_RUNNING AND " which \
	" AND " IS_BEHIND("e.start_date", "e.id") " AND " IS_WANTED
/* Their redrive is accepted: they count as running.  Those of a map run's children have no payload. */
#define REDRIVING(which) \
	"SELECT e.id, e.start_date AS place FROM sfn.inbox i JOIN sfn.execution e ON e.id = i.execution_id" \
	" WHERE i.kind = :EVENT_REDRIVE AND i.payload IS NOT NULL AND e.status > :EXECUTION_SUCCEEDED AND " which \
	" AND " IS_BEHIND("e.start_date", "e.id") " AND " IS_WANTED
#define SEEN_OF_MACHINE \
	"e.map_run_id IS NULL AND (e.state_machine_id = ANY (ARRAY(SELECT id FROM machine WHERE sees))" \
	" OR e.state_machine_id = ANY (ARRAY(SELECT id FROM machine)) AND pg_has_role($2, e.starter::oid, 'USAGE'))"
#define COMING(which) STARTING(which) " UNION " REDRIVING(which)
#define COMING_OF_MACHINE COMING(SEEN_OF_MACHINE)
#define RUNNING_OF_MACHINE STATUS_OF_MACHINE " UNION " COMING_OF_MACHINE
#define RUNNING_OF_ALL "(" STATUS_OF_ALL ") UNION " COMING_OF_MACHINE

/* The newest of everybody's, so many of them: ids are given out in the order of starts. */
#define WALK_NEWEST \
	"SELECT e.id, e.start_date AS place FROM (SELECT * FROM sfn.execution e ORDER BY e.id DESC LIMIT $13) e" \
	" WHERE e.map_run_id IS NULL AND ($3 = 0 OR e.status = $3) AND " IS_WANTED " AND " IS_VISIBLE \
	" ORDER BY e.id DESC LIMIT $6"
#define BEHIND_NEWEST "SELECT FROM sfn.execution e ORDER BY e.id DESC OFFSET $13 LIMIT 1"
#define ALL_WITH_STATUS \
	"FROM sfn.execution_status s WHERE s.map_run_id = 0 AND s.status = $3 AND " IS_BEHIND( \
		"s.start_date", "s.execution_id") " AND s.start_date >= $10 ORDER BY s.start_date DESC, s.execution_id DESC"
#define WALK_STATUS \
	"SELECT e.id, s.start_date AS place FROM (SELECT * " ALL_WITH_STATUS " LIMIT $13) s" \
	" JOIN sfn.execution e ON e.id = s.execution_id AND e.status = s.status" \
	" WHERE NOT " WAITS_FOR_REDRIVE " AND " IS_VISIBLE STATUS_PAGE
#define BEHIND_STATUS "SELECT " ALL_WITH_STATUS " OFFSET $13 LIMIT 1"
#define WALK_RUNNING "(" WALK_STATUS ") UNION " COMING("e.map_run_id IS NULL AND " IS_VISIBLE)

#define MAP_RUN \
	"machine AS MATERIALIZED (SELECT r.state_machine_id AS id FROM sfn.map_run r WHERE r.id = $1 AND $2 IS NOT NULL)"
#define ANY_OF_MAP_RUN \
	"SELECT e.id, e.map_index AS place FROM (SELECT * FROM sfn.execution e WHERE e.map_run_id = $1 AND e.map_index <" \
	" coalesce((SELECT b.map_index FROM sfn.execution b WHERE b.id = $5), 9223372036854775807)" \
	" ORDER BY e.map_index DESC LIMIT $13) e WHERE ($3 = 0 OR e.status = $3) AND " IS_WANTED PAGE_BY("e.map_index")
#define OF_MAP_RUN "s.state_machine_id = (SELECT id FROM machine) AND s.map_run_id = $1"
#define STATUS_OF_MAP_RUN WITH_STATUS(OF_MAP_RUN, "$3") " AND NOT " WAITS_FOR_REDRIVE STATUS_PAGE
#define PENDING_OF_MAP_RUN \
	WITH_STATUS(OF_MAP_RUN, "ANY (ARRAY[:EXECUTION_FAILED, :EXECUTION_TIMED_OUT, :EXECUTION_ABORTED]::int2[])") \
	" AND " WAITS_FOR_REDRIVE STATUS_PAGE
#define RUNNING_OF_MAP_RUN "(" WITH_STATUS(OF_MAP_RUN, "$3") STATUS_PAGE ") UNION " STARTING("e.map_run_id = $1")

enum
{
	LIST_ID = 1,
	LIST_MACHINE_NAME,
	LIST_IS_EXPRESS,
	LIST_NAME,
	LIST_STATUS,
	LIST_START_DATE,
	LIST_STOP_DATE,
	LIST_REDRIVE_DATE,
	LIST_REDRIVE_COUNT,
	LIST_PLACE,
	LIST_VERSION,
	LIST_ALIAS,
	LIST_MAP_RUN,
	LIST_MAP_ITEMS
};

#define LIST(scope, rows) LIST_WITH(scope ", ", rows)
#define LIST_WITH(scope, rows) \
	{ \
		"WITH " scope "listed AS MATERIALIZED (SELECT * FROM (" rows ") l ORDER BY l.place DESC, l.id DESC LIMIT $6)" \
		" SELECT e.id, m.name, m.type = 'EXPRESS', " STORED_NAME ", " SHOWN_STATUS \
		", e.start_date, CASE WHEN " SHOWN_STATUS " <> :EXECUTION_RUNNING THEN e.stop_date END," \
		" e.redrive_date," \
		" e.redrive_count, l.place, e.version, e.alias," \
		" (SELECT r.name FROM sfn.map_run r WHERE r.id = e.map_run_id), e.map_items" \
		" FROM listed l JOIN sfn.execution e ON e.id = l.id JOIN sfn.state_machine m ON m.id = e.state_machine_id" \
		" ORDER BY l.place DESC, l.id DESC", \
			LIST_ARGS \
	}

typedef enum ListScope
{
	LIST_OF_MACHINE,
	LIST_OF_ALL,
	LIST_OF_MAP_RUN,
	LIST_SCOPES
} ListScope;

typedef enum ListSource
{
	LIST_ANY,
	LIST_NEWEST, /* of any status */
	LIST_BY_STATUS,
	LIST_RUNNING,
	LIST_PENDING,
	LIST_SOURCES
} ListSource;

static StoreQuery lists[LIST_SCOPES][LIST_SOURCES] = {
	[LIST_OF_MACHINE] = {[LIST_ANY] = LIST(ONE_MACHINE, ANY_OF_MACHINE),
						 [LIST_NEWEST] = LIST(ONE_MACHINE, ANY_OF_MACHINE),
						 [LIST_BY_STATUS] = LIST(ONE_MACHINE, STATUS_OF_MACHINE),
						 [LIST_RUNNING] = LIST(ONE_MACHINE, RUNNING_OF_MACHINE)},
	[LIST_OF_ALL] = {[LIST_ANY] = LIST(VISIBLE_MACHINES, ANY_OF_MACHINE),
					 [LIST_NEWEST] = LIST(VISIBLE_MACHINES, NEWEST_OF_ALL),
					 [LIST_BY_STATUS] = LIST(VISIBLE_MACHINES, STATUS_OF_ALL),
					 [LIST_RUNNING] = LIST(VISIBLE_MACHINES, RUNNING_OF_ALL)},
	[LIST_OF_MAP_RUN] = {[LIST_ANY] = LIST(MAP_RUN, ANY_OF_MAP_RUN),
						 [LIST_NEWEST] = LIST(MAP_RUN, ANY_OF_MAP_RUN),
						 [LIST_BY_STATUS] = LIST(MAP_RUN, STATUS_OF_MAP_RUN),
						 [LIST_RUNNING] = LIST(MAP_RUN, RUNNING_OF_MAP_RUN),
						 [LIST_PENDING] = LIST(MAP_RUN, PENDING_OF_MAP_RUN)},
};

/* A list of all that looks at the newest first; and whether there are more than it has looked at. */
static struct
{
	StoreQuery page;
	StoreQuery behind;
} walks[LIST_SOURCES] = {
	[LIST_ANY] = {LIST_WITH("", WALK_NEWEST), {BEHIND_NEWEST, LIST_ARGS}},
	[LIST_NEWEST] = {LIST_WITH("", WALK_NEWEST), {BEHIND_NEWEST, LIST_ARGS}},
	[LIST_BY_STATUS] = {LIST_WITH("", WALK_STATUS), {BEHIND_STATUS, LIST_ARGS}},
	[LIST_RUNNING] = {LIST_WITH("", WALK_RUNNING), {BEHIND_STATUS, LIST_ARGS}},
};

#define MANY_MACHINES 50
#define WALKED_ROWS(max) (1000 + 20 * (max))

static int read_list(StoreQuery *query, Datum *args, const char *nulls, ListedExecution **executions);

static ListScope
list_scope(const ExecutionFilter *filter)
{
	if (filter->map_run_id != 0)
		return LIST_OF_MAP_RUN;
	return filter->state_machine_id != 0 ? LIST_OF_MACHINE : LIST_OF_ALL;
}

/* Most executions succeed: those are found among all. */
static ListSource
list_source(int status)
{
	switch (status)
	{
		case 0:
			return LIST_NEWEST;
		case EXECUTION_SUCCEEDED:
			return LIST_ANY;
		case EXECUTION_RUNNING:
			return LIST_RUNNING;
		case EXECUTION_PENDING_REDRIVE:
			return LIST_PENDING;
		default:
			return LIST_BY_STATUS;
	}
}

/* The page begins behind an execution, or at the end of the wanted time.  max_looked_at: 0: as many as it takes. */
static void
list_arguments(const ExecutionFilter *filter, int max_looked_at, Datum *args, char *nulls)
{
	bool has_before = filter->before_id != 0;
	TimestampTz until = filter->until != 0 ? filter->until : DT_NOEND;
	TimestampTz now = Max(sfn_now(), GetCurrentTimestamp());

	args[0] = Int64GetDatum(filter->map_run_id != 0 ? filter->map_run_id : filter->state_machine_id);
	args[1] = ObjectIdGetDatum(filter->viewer);
	args[2] = Int16GetDatum((int16) filter->status);
	args[3] = TimestampTzGetDatum(has_before ? filter->before : until);
	args[4] = Int64GetDatum(has_before ? filter->before_id : 0);
	args[5] = Int32GetDatum(filter->max);
	args[6] = Int32GetDatum(filter->version);
	args[7] = filter->alias != NULL ? CStringGetTextDatum(filter->alias) : (Datum) 0;
	nulls[7] = filter->alias != NULL ? ' ' : 'n';
	args[8] = BoolGetDatum(filter->is_redriven);
	nulls[8] = filter->asks_redriven ? ' ' : 'n';
	args[9] = TimestampTzGetDatum(filter->since != 0 ? filter->since : DT_NOBEGIN);
	args[10] = TimestampTzGetDatum(until);
	args[11] = TimestampTzGetDatum(now);
	args[12] = Int32GetDatum(max_looked_at);
	nulls[12] = max_looked_at != 0 ? ' ' : 'n';
}

/* Looking at the newest does not help with those that were started before a moment, unless an index has their order. */
static bool
walks_first(const ExecutionFilter *filter, ListSource source)
{
	static StoreQuery visible = {"SELECT " FROM_VISIBLE " LIMIT " CppAsString2(MANY_MACHINES), LIST_ARGS};
	char nulls[] = "             ";
	Datum args[13];

	if (list_scope(filter) != LIST_OF_ALL ||
		((filter->until != 0 || filter->before_id != 0) && source != LIST_BY_STATUS && source != LIST_RUNNING))
		return false;
	list_arguments(filter, 0, args, nulls);
	return store_run(&visible, args, nulls, 0) == MANY_MACHINES;
}

int
execution_list(const ExecutionFilter *filter, ListedExecution **executions)
{
	char nulls[] = "             ";
	Datum args[13];
	ListSource source = list_source(filter->status);

	if (walks_first(filter, source))
	{
		int count;

		list_arguments(filter, WALKED_ROWS(filter->max), args, nulls);
		count = read_list(&walks[source].page, args, nulls, executions);
		if (count == filter->max || store_run(&walks[source].behind, args, nulls, 0) == 0)
			return count;
	}
	list_arguments(filter, filter->max_looked_at, args, nulls);
	return read_list(&lists[list_scope(filter)][source], args, nulls, executions);
}

static int
read_list(StoreQuery *query, Datum *args, const char *nulls, ListedExecution **executions)
{
	int count = (int) store_run(query, args, nulls, 0);

	*executions = palloc0(sizeof(ListedExecution) * Max(count, 1));
	for (int row = 0; row < count; row++)
	{
		ListedExecution *execution = &(*executions)[row];

		execution->id = store_int64(row, LIST_ID);
		execution->machine_name = store_text(row, LIST_MACHINE_NAME);
		execution->is_express = store_bool(row, LIST_IS_EXPRESS);
		execution->name = store_text(row, LIST_NAME);
		execution->status = store_int16(row, LIST_STATUS);
		execution->start_date = store_timestamp(row, LIST_START_DATE);
		execution->stop_date = store_timestamp(row, LIST_STOP_DATE);
		execution->redrive_date = store_timestamp(row, LIST_REDRIVE_DATE);
		execution->redrive_count = store_int32(row, LIST_REDRIVE_COUNT);
		execution->version = store_int32(row, LIST_VERSION);
		execution->alias = store_text(row, LIST_ALIAS);
		execution->map_run = store_text(row, LIST_MAP_RUN);
		execution->map_items = store_int32(row, LIST_MAP_ITEMS);
	}
	return count;
}

enum
{
	LOOKED_ID = 1,
	LOOKED_START_DATE
};

bool
execution_list_goes_on(const ExecutionFilter *filter, TimestampTz *before, int64 *before_id)
{
	static StoreQuery of_machine =
		{"SELECT e.id, e.start_date FROM sfn.execution e WHERE e.state_machine_id = $1 AND " IS_BEHIND(
			 "e.start_date", "e.id") " AND e.start_date >= $10"
									 " ORDER BY e.start_date DESC, e.id DESC OFFSET $13 - 1 LIMIT 1",
		 LIST_ARGS};
	static StoreQuery of_map_run = {"SELECT e.id, e.start_date FROM sfn.execution e WHERE e.map_run_id = $1"
									" AND e.map_index < coalesce((SELECT b.map_index FROM sfn.execution b"
									" WHERE b.id = $5), 9223372036854775807)"
									" ORDER BY e.map_index DESC OFFSET $13 - 1 LIMIT 1",
									LIST_ARGS};
	char nulls[] = "             ";
	Datum args[13];
	ListScope scope = list_scope(filter);

	if (filter->max_looked_at == 0 || scope == LIST_OF_ALL || list_source(filter->status) > LIST_NEWEST)
		return false;
	list_arguments(filter, filter->max_looked_at, args, nulls);
	if (store_run(scope == LIST_OF_MACHINE ? &of_machine : &of_map_run, args, nulls, 0) == 0)
		return false;
	*before = store_timestamp(0, LOOKED_START_DATE);
	*before_id = store_int64(0, LOOKED_ID);
	return true;
}

enum
{
	STATUS_NOW = 1,
	STATUS_WRITER
};

int
execution_status(int64 id, TransactionId *writer)
{
	static StoreQuery query = {"SELECT CASE WHEN status <> :EXECUTION_RUNNING AND EXISTS (SELECT FROM sfn.inbox i"
							   " WHERE i.execution_id = $1 AND i.kind = :EVENT_REDRIVE)"
							   " THEN :EXECUTION_RUNNING ELSE status END, xmin FROM sfn.execution WHERE id = $1",
							   1,
							   {INT8OID}};
	Datum args[1] = {Int64GetDatum(id)};

	if (store_run(&query, args, NULL, 0) == 0)
		return 0;
	*writer = (TransactionId) store_oid(0, STATUS_WRITER);
	return store_int16(0, STATUS_NOW);
}

enum
{
	CHUNK_FIRST_ID = 1,
	CHUNK_LAST_ID,
	CHUNK_EVENTS
};

char *
history_chunk_at(int64 execution_id, int64 event_id, int64 *first_id, int64 *last_id)
{
	static StoreQuery query = {"SELECT first_id, last_id, events FROM sfn.history_chunk"
							   " WHERE execution_id = $1 AND first_id <= $2 ORDER BY first_id DESC LIMIT 1",
							   2,
							   {INT8OID, INT8OID}};
	Datum args[2] = {Int64GetDatum(execution_id), Int64GetDatum(event_id)};

	if (store_run(&query, args, NULL, 0) == 0)
		return NULL;
	*first_id = store_int64(0, CHUNK_FIRST_ID);
	*last_id = store_int64(0, CHUNK_LAST_ID);
	return store_text(0, CHUNK_EVENTS);
}
