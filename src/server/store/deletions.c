/*
 * deletions.c
 *	  Deleting executions that have ended, with all that is theirs.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"

#include "store/deletions.h"
#include "store/store.h"

#define MOST_AT_ONCE 500
#define SPARSE 20 /* ids of a range for each one that is meant */

/*
 * What goes with executions.  Most have left nothing in these tables.  So it is looked for by the range of their ids, once, with the
 * condition on the ids themselves kept away from the index; where many others are between them, for each of them.
 */
#define IN_RANGE(column) column " BETWEEN $2 AND $3 AND (" column " = ANY ($1)) IS TRUE"
#define BY_ID(column) column " = ANY ($1)"
#define DELETE_ARGS \
	3, \
	{ \
		INT8ARRAYOID, INT8OID, INT8OID \
	}
#define DELETIONS_BESIDE(OF_THEM) \
	{ \
		{"DELETE FROM sfn.inbox WHERE " OF_THEM("execution_id"), DELETE_ARGS}, \
			{"DELETE FROM sfn.task WHERE " OF_THEM("execution_id"), DELETE_ARGS}, \
			{"DELETE FROM sfn.redrive_token WHERE " OF_THEM("execution_id"), DELETE_ARGS}, \
			{"DELETE FROM sfn.map_run_input i USING sfn.map_run r WHERE " OF_THEM( \
				 "r.execution_id") " AND i.map_run_id = r.id", \
			 DELETE_ARGS}, \
			{"DELETE FROM sfn.map_run WHERE " OF_THEM("execution_id"), DELETE_ARGS}, \
			{"DELETE FROM sfn.branch WHERE " OF_THEM("execution_id"), DELETE_ARGS}, \
	}

void
executions_delete_locked(const int64 *ids, int count)
{
	static StoreQuery in_range[] = DELETIONS_BESIDE(IN_RANGE);
	static StoreQuery by_id[] = DELETIONS_BESIDE(BY_ID);
	static StoreQuery history = {"DELETE FROM sfn.history_chunk WHERE execution_id = ANY ($1)", DELETE_ARGS};
	static StoreQuery executions =
		{"WITH gone AS (DELETE FROM sfn.execution WHERE id = ANY ($1)"
		 " RETURNING id, state_machine_id, coalesce(map_run_id, 0) AS map_run_id, start_date, status)"
		 " DELETE FROM sfn.execution_status s USING gone e WHERE e.status > :EXECUTION_SUCCEEDED"
		 " AND s.state_machine_id = e.state_machine_id AND s.map_run_id = e.map_run_id"
		 " AND s.status = e.status AND s.start_date = e.start_date AND s.execution_id = e.id",
		 DELETE_ARGS};
	Datum args[3] = {store_int64_array(ids, count), Int64GetDatum(ids[0]), Int64GetDatum(ids[count - 1])};
	StoreQuery *beside = (ids[count - 1] - ids[0]) / SPARSE > count ? by_id : in_range;

	for (size_t i = 0; i < lengthof(in_range); i++)
		(void) store_run(&beside[i], args, NULL, 0);
	(void) store_run(&history, args, NULL, 0);
	(void) store_run(&executions, args, NULL, 0);
}

enum
{
	TREE_ID = 1,
	TREE_IS_OVER
};

/*
 * They are locked in the order of their ids, as retention does.  Whoever is asked to redrive one waits for the lock that the
 * caller holds, and finds it gone.
 */
int64
executions_delete(const int64 *ids, int count, int64 *obstacle)
{
	static StoreQuery lock_tree =
		{"WITH RECURSIVE tree AS (SELECT u.id FROM unnest($1) u (id) UNION SELECT c.id FROM tree t"
		 " JOIN sfn.map_run r ON r.execution_id = t.id JOIN sfn.execution c ON c.map_run_id = r.id)"
		 " SELECT e.id, e.stop_date IS NOT NULL" GOES_ON_NO_MORE
		 " FROM sfn.execution e WHERE e.id IN (SELECT t.id FROM tree t) ORDER BY e.id FOR UPDATE OF e",
		 1,
		 {INT8ARRAYOID}};
	Datum args[1] = {store_int64_array(ids, count)};
	uint64 rows = store_run(&lock_tree, args, NULL, 0);
	int64 *all = palloc(sizeof(int64) * (rows + 1));

	*obstacle = 0;
	for (uint64 i = 0; i < rows; i++)
	{
		all[i] = store_int64(i, TREE_ID);
		if (!store_bool(i, TREE_IS_OVER))
			*obstacle = all[i];
	}
	for (uint64 done = 0; *obstacle == 0 && done < rows; done += MOST_AT_ONCE)
	{
		CHECK_FOR_INTERRUPTS();
		executions_delete_locked(all + done, (int) Min(MOST_AT_ONCE, rows - done));
	}
	return *obstacle == 0 ? (int64) rows : 0;
}
