/*
 * candidates.c
 *	  Executions that a turn might claim beside, or in place of, those that have waited longest.
 *
 * A backlog of one role stands before everybody's rows in the order of their due times.  Nothing in the inbox tells roles
 * apart, so what has come lately is looked at from its other end, and among tasks that run alone, which have an index of
 * their own, further looks leave out the role, and the machine, that filled the first one.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

#include "engine/event.h"
#include "shared/shares.h"
#include "shared/task_places.h"
#include "store/candidates.h"
#include "store/machine_setting_list.h"
#include "store/store.h"

#define NEWS_ROWS 600 /* that are looked at: more than the children that a map run starts at once */
#define NEWS_OF_ROLE 12
#define NEWS_OF_MACHINE 4
#define TASKS_OF_LOOK (MAX_TASKS_ALONE / 3)
#define HELD_PLACE (100 * INT64CONST(1000)) /* microseconds of use that a place held is like */

#define PRIORITY_OF_R "coalesce(r.priority, " CppAsString2(DEFAULT_PRIORITY) ")"

enum
{
	CANDIDATE_EXECUTION_ID = 1,
	CANDIDATE_MACHINE,
	CANDIDATE_ROLE,
	CANDIDATE_PRIORITY
};

/* Whose executions are: what a turn has just made due itself is no news, and need not be looked up to know. */
#define KNOWN_EXECUTIONS 4096
static struct
{
	int64 execution_id;
	int64 machine;
} known[KNOWN_EXECUTIONS];

/*
 * What the last look at tasks that run alone found, but for what was claimed since.  A look reads the whole backlog where one
 * machine has all of it, so it may take a sixth of the time, and is good for what the next turns need.
 */
#define LEAST_LOOK_PAUSE (10 * INT64CONST(1000))
#define LONGEST_LOOK_PAUSE (500 * INT64CONST(1000))
static struct
{
	TimestampTz looked;
	int64 pause;
	int count;
	Candidate tasks[MAX_TASKS_ALONE];
} last_look;

static int list_unclaimed(TimestampTz since, TimestampTz now, const int64 *machines, int machine_count,
						  const int64 *excluded, int excluded_count, int64 *ids);
static void read_candidate(uint64 row, Candidate *candidate);
static bool has_room(const Candidate *candidate, const Candidate *taken, int count);
static int look_for_tasks(TimestampTz now, Datum excluded, Oid without_role, int64 without_machine,
						  Candidate *candidates);

void
candidates_remember(int64 execution_id, int64 machine)
{
	known[execution_id % KNOWN_EXECUTIONS].execution_id = execution_id;
	known[execution_id % KNOWN_EXECUTIONS].machine = machine;
}

static bool
is_among(int64 id, const int64 *ids, int count)
{
	for (int i = 0; i < count; i++)
		if (ids[i] == id)
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
					  const int64 *excluded, int excluded_count, const Crowd *crowd, Candidate *candidates)
{
	static StoreQuery query = {
		"SELECT e.id, e.state_machine_id, r.role::pg_catalog.oid, " PRIORITY_OF_R
		" FROM unnest($1) WITH ORDINALITY n (id, place)"
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
		if (!is_among(candidate->machine, machines, machine_count) && has_room(candidate, candidates, count) &&
			(crowd == NULL || is_light_beside(crowd, candidate->role)))
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
	candidate->priority = store_int32(row, CANDIDATE_PRIORITY);
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

static void
look_again(TimestampTz now, const int64 *excluded, int excluded_count)
{
	TimestampTz began = GetCurrentTimestamp();
	Datum ids = store_int64_array(excluded, excluded_count);
	Candidate *tasks = last_look.tasks;
	int count = look_for_tasks(now, ids, InvalidOid, 0, tasks);

	if (count == TASKS_OF_LOOK)
	{
		count += look_for_tasks(now, ids, tasks[0].role, 0, tasks + count);
		count += look_for_tasks(now, ids, InvalidOid, tasks[0].machine, tasks + count);
	}
	last_look.count = count;
	last_look.looked = GetCurrentTimestamp();
	last_look.pause = Min(Max(5 * (last_look.looked - began), LEAST_LOOK_PAUSE), LONGEST_LOOK_PAUSE);
}

int
candidates_alone(TimestampTz now, const int64 *excluded, int excluded_count, Candidate *candidates)
{
	TimestampTz clock = GetCurrentTimestamp();
	int count = 0;

	if (last_look.count == 0 || clock < last_look.looked || clock - last_look.looked >= last_look.pause)
		look_again(now, excluded, excluded_count);
	for (int i = 0; i < last_look.count; i++)
		if (!is_among(last_look.tasks[i].execution_id, excluded, excluded_count))
			candidates[count++] = last_look.tasks[i];
	return count;
}

void
candidate_forget(int64 execution_id)
{
	int left = 0;

	for (int i = 0; i < last_look.count; i++)
		if (last_look.tasks[i].execution_id != execution_id)
			last_look.tasks[left++] = last_look.tasks[i];
	last_look.count = left;
}

/* Of all roles and machines but one, the oldest; execution by execution, since a stop that is there goes first. */
static int
look_for_tasks(TimestampTz now, Datum excluded, Oid without_role, int64 without_machine, Candidate *candidates)
{
	static StoreQuery query = {
		"SELECT e.id, e.state_machine_id, r.role::pg_catalog.oid, " PRIORITY_OF_R
		" FROM sfn.inbox i JOIN sfn.execution e ON e.id = i.execution_id"
		" JOIN sfn.state_machine_revision r ON r.id = e.revision_id"
		" WHERE i.due <= $1 AND i.execution_id <> ALL ($2) AND i.kind = :EVENT_RUN_TASK_ALONE AND i.payload IS NOT NULL"
		" AND NOT EXISTS (SELECT FROM sfn.inbox stop WHERE stop.execution_id = i.execution_id AND stop.kind = :EVENT_STOP)"
		" AND r.role::pg_catalog.oid <> $3 AND e.state_machine_id <> $4 ORDER BY i.due, i.id LIMIT $5",
		5,
		{TIMESTAMPTZOID, INT8ARRAYOID, OIDOID, INT8OID, INT8OID}};
	Datum args[5] = {TimestampTzGetDatum(now), excluded, ObjectIdGetDatum(without_role), Int64GetDatum(without_machine),
					 Int64GetDatum(TASKS_OF_LOOK)};
	uint64 found = store_run(&query, args, NULL, 0);

	for (uint64 row = 0; row < found; row++)
		read_candidate(row, &candidates[row]);
	return (int) found;
}

/* ---- whose turn it is ---- */

static int
compare_numbers(int64 a, int64 b)
{
	return a < b ? -1 : a > b;
}

/* What the candidate's machine uses, its places as if they were lately used time, in proportion to its priority. */
static int64
use_by_priority(const Candidate *candidate)
{
	int64 held = task_places_held(candidate->role, candidate->machine);

	return held * HELD_PLACE * DEFAULT_PRIORITY / candidate->priority +
		share_used(SHARE_OF_PLACES, candidate->role, candidate->machine);
}

/* Who holds fewer places, or has used them less lately, comes first: the role, of the same role the machine. */
static int
compare_candidates(const Candidate *a, const Candidate *b)
{
	int64 a_machine = a->role == b->role ? a->machine : 0;
	int64 b_machine = a->role == b->role ? b->machine : 0;
	int order;

	if (a->role == b->role && a->machine == b->machine)
		return 0;
	if (a->role == b->role && a->priority != b->priority)
		return compare_numbers(use_by_priority(a), use_by_priority(b));
	order = compare_numbers(task_places_held(a->role, a_machine), task_places_held(b->role, b_machine));
	return order != 0 ? order
					  : compare_numbers(share_used(SHARE_OF_PLACES, a->role, a_machine),
										share_used(SHARE_OF_PLACES, b->role, b_machine));
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
