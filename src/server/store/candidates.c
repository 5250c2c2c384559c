/*
 * candidates.c
 *	  Executions that a turn might claim beside, or in place of, those that have waited longest.
 *
 * A backlog of one role stands before everybody's rows in the order of their due times.  Nothing in the inbox tells roles
 * apart, so what has come lately is looked at from its other end, and among tasks that run alone, which have an index of
 * their own, a second look leaves out the role that filled the first one.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

#include "engine/event.h"
#include "shared/shares.h"
#include "shared/task_places.h"
#include "store/candidates.h"
#include "store/store.h"

#define NEWS_ROWS 600 /* that are looked at: more than the children that a map run starts at once */
#define NEWS_OF_ROLE 12
#define NEWS_OF_MACHINE 4
#define TASKS_OF_LOOK (MAX_TASKS_ALONE / 2)

enum
{
	CANDIDATE_EXECUTION_ID = 1,
	CANDIDATE_MACHINE,
	CANDIDATE_ROLE
};

/* Whose executions are: what a turn has just made due itself is no news, and need not be looked up to know. */
#define KNOWN_EXECUTIONS 4096
static struct
{
	int64 execution_id;
	int64 machine;
} known[KNOWN_EXECUTIONS];

static int list_unclaimed(TimestampTz since, TimestampTz now, const int64 *machines, int machine_count,
						  const int64 *excluded, int excluded_count, int64 *ids);
static void read_candidate(uint64 row, Candidate *candidate);
static bool has_room(const Candidate *candidate, const Candidate *taken, int count);
static int look_for_tasks(TimestampTz now, Datum excluded, Oid without, Candidate *candidates);

void
candidates_remember(int64 execution_id, int64 machine)
{
	known[execution_id % KNOWN_EXECUTIONS].execution_id = execution_id;
	known[execution_id % KNOWN_EXECUTIONS].machine = machine;
}

static bool
is_among(int64 machine, const int64 *machines, int count)
{
	for (int i = 0; i < count; i++)
		if (machines[i] == machine)
			return true;
	return false;
}

static bool
is_known_among(int64 execution_id, const int64 *machines, int count)
{
	return known[execution_id % KNOWN_EXECUTIONS].execution_id == execution_id &&
		is_among(known[execution_id % KNOWN_EXECUTIONS].machine, machines, count);
}

int
candidates_among_news(TimestampTz since, TimestampTz now, const int64 *machines, int machine_count,
					  const int64 *excluded, int excluded_count, Candidate *candidates)
{
	static StoreQuery query = {
		"SELECT e.id, e.state_machine_id, r.role::pg_catalog.oid FROM unnest($1) WITH ORDINALITY n (id, place)"
		" JOIN sfn.execution e ON e.id = n.id JOIN sfn.state_machine_revision r ON r.id = e.revision_id ORDER BY n.place",
		1,
		{INT8ARRAYOID}};
	int64 ids[NEWS_ROWS];
	int id_count = list_unclaimed(since, now, machines, machine_count, excluded, excluded_count, ids);
	Datum args[1];
	uint64 found;
	int count = 0;

	if (id_count == 0)
		return 0;
	args[0] = store_int64_array(ids, id_count);
	found = store_run(&query, args, NULL, 0);
	for (uint64 row = 0; row < found && count < MAX_NEWS; row++)
	{
		Candidate *candidate = &candidates[count];

		read_candidate(row, candidate);
		candidates_remember(candidate->execution_id, candidate->machine);
		if (!is_among(candidate->machine, machines, machine_count) && has_room(candidate, candidates, count))
			count++;
	}
	return count;
}

/* The newest rows' executions, but for those that are known to be of the machines. */
static int
list_unclaimed(TimestampTz since, TimestampTz now, const int64 *machines, int machine_count, const int64 *excluded,
			   int excluded_count, int64 *ids)
{
	static StoreQuery query =
		{"SELECT execution_id FROM sfn.inbox WHERE due > $1 AND due <= $2 AND kind <> :EVENT_RUN_TASK_ALONE"
		 " AND execution_id <> ALL ($3) ORDER BY due DESC, id DESC LIMIT $4",
		 4,
		 {TIMESTAMPTZOID, TIMESTAMPTZOID, INT8ARRAYOID, INT8OID}};
	Datum args[4] = {TimestampTzGetDatum(since), TimestampTzGetDatum(now), store_int64_array(excluded, excluded_count),
					 Int64GetDatum(NEWS_ROWS)};
	uint64 found = store_run(&query, args, NULL, 0);
	int count = 0;

	for (uint64 row = 0; row < found; row++)
	{
		int64 id = store_int64(row, ONLY_COLUMN);

		if (!is_known_among(id, machines, machine_count))
			ids[count++] = id;
	}
	return count;
}

static void
read_candidate(uint64 row, Candidate *candidate)
{
	candidate->execution_id = store_int64(row, CANDIDATE_EXECUTION_ID);
	candidate->machine = store_int64(row, CANDIDATE_MACHINE);
	candidate->role = store_oid(row, CANDIDATE_ROLE);
}

/* Beside those that are taken already, which are few. */
static bool
has_room(const Candidate *candidate, const Candidate *taken, int count)
{
	int of_role = 0;
	int of_machine = 0;

	for (int i = 0; i < count; i++)
	{
		if (taken[i].execution_id == candidate->execution_id)
			return false;
		of_role += taken[i].role == candidate->role;
		of_machine += taken[i].machine == candidate->machine;
	}
	return of_role < NEWS_OF_ROLE && of_machine < NEWS_OF_MACHINE;
}

int
candidates_alone(TimestampTz now, const int64 *excluded, int excluded_count, Candidate *candidates)
{
	Datum ids = store_int64_array(excluded, excluded_count);
	int count = look_for_tasks(now, ids, InvalidOid, candidates);

	if (count == TASKS_OF_LOOK)
		count += look_for_tasks(now, ids, candidates[0].role, candidates + count);
	return count;
}

/* Of all roles but one, the oldest; execution by execution, since a stop that is there goes first. */
static int
look_for_tasks(TimestampTz now, Datum excluded, Oid without, Candidate *candidates)
{
	static StoreQuery query = {
		"SELECT e.id, e.state_machine_id, r.role::pg_catalog.oid FROM sfn.inbox i JOIN sfn.execution e ON e.id = i.execution_id"
		" JOIN sfn.state_machine_revision r ON r.id = e.revision_id"
		" WHERE i.due <= $1 AND i.execution_id <> ALL ($2) AND i.kind = :EVENT_RUN_TASK_ALONE AND i.payload IS NOT NULL"
		" AND NOT EXISTS (SELECT FROM sfn.inbox stop WHERE stop.execution_id = i.execution_id AND stop.kind = :EVENT_STOP)"
		" AND r.role::pg_catalog.oid <> $3 ORDER BY i.due, i.id LIMIT $4",
		4,
		{TIMESTAMPTZOID, INT8ARRAYOID, OIDOID, INT8OID}};
	Datum args[4] = {TimestampTzGetDatum(now), excluded, ObjectIdGetDatum(without), Int64GetDatum(TASKS_OF_LOOK)};
	uint64 found = store_run(&query, args, NULL, 0);

	for (uint64 row = 0; row < found; row++)
		read_candidate(row, &candidates[row]);
	return (int) found;
}

/* ---- whose turn it is ---- */

/* Who holds fewer places, or has used them less lately, comes first.  Machine 0: the role with all of them. */
static int
compare_use(Oid a_role, int64 a_machine, Oid b_role, int64 b_machine)
{
	int a_held = task_places_held(a_role, a_machine);
	int b_held = task_places_held(b_role, b_machine);
	int64 a_used;
	int64 b_used;

	if (a_held != b_held)
		return a_held < b_held ? -1 : 1;
	a_used = share_used(SHARE_OF_PLACES, a_role, a_machine);
	b_used = share_used(SHARE_OF_PLACES, b_role, b_machine);
	return a_used < b_used ? -1 : a_used > b_used ? 1 : 0;
}

static int
compare_candidates(const Candidate *a, const Candidate *b)
{
	if (a->role != b->role)
		return compare_use(a->role, 0, b->role, 0);
	return a->machine != b->machine ? compare_use(a->role, a->machine, b->role, b->machine) : 0;
}

bool
candidate_take_place(Candidate *candidates, int *count, Candidate *next, bool *leaves_place)
{
	while (*count > 0)
	{
		int best = 0;
		int left = 0;
		bool has_place;

		for (int i = 1; i < *count; i++)
			if (compare_candidates(&candidates[i], &candidates[best]) < 0)
				best = i;
		*next = candidates[best];
		has_place = task_place_take(next->role, next->machine);
		for (int i = 0; i < *count; i++)
			if (has_place ? i != best : candidates[i].role != next->role)
				candidates[left++] = candidates[i];
		*count = left;
		if (has_place)
			return true;
		*leaves_place = true;
	}
	return false;
}
