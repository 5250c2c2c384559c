/*
 * image.c
 *	  A branch as JSON text, and back.
 *
 * Input, variables and output have columns of their own; everything else that a
 * branch must know after a restart is here.  Members whose value is zero are left
 * out.  Restoring believes nothing: a text that is none of ours, or that does not
 * fit the machine, is an error.
 */
#include "base/port.h"

#include "engine/branches.h"

#define MAX_CHILDREN PG_INT32_MAX

static const char *const status_names[] = {
	[BRANCH_READY] = "READY",       [BRANCH_WAITING] = "WAITING", [BRANCH_DELAYED] = "DELAYED",
	[BRANCH_FINISHED] = "FINISHED", [BRANCH_GONE] = "GONE",
};

/* ---- printing ---- */

static void
put_integer(StringInfo out, const char *name, int64 number)
{
	if (number != 0)
		appendStringInfo(out, ",\"%s\":" INT64_FORMAT, name, number);
}

static void
put_flag(StringInfo out, const char *name, bool flag)
{
	if (flag)
		appendStringInfo(out, ",\"%s\":true", name);
}

/* Counts of retries, when there have been any. */
static void
put_retries(StringInfo out, const Branch *branch)
{
	if (branch->retry_counts == NULL)
		return;
	appendStringInfoString(out, ",\"retries\":[");
	for (int i = 0; i < branch->state->retrier_count; i++)
		appendStringInfo(out, (i > 0) ? ",%d" : "%d", branch->retry_counts[i]);
	appendStringInfoChar(out, ']');
}

/* A Map's items, where working them out again could give others. */
static bool
stores_items(const Branch *branch)
{
	return branch->state->type == &state_type_map && ((const MapState *) branch->state)->items_are_stored;
}

static void
put_items(StringInfo out, const Branch *branch)
{
	if (branch->items == NULL || !stores_items(branch))
		return;
	appendStringInfoString(out, ",\"items\":");
	jv_print(out, branch->items);
}

void
branch_image_print(StringInfo out, const Branch *branch)
{
	appendStringInfo(out, "{\"status\":\"%s\",\"state\":", status_names[branch->status]);
	jv_print_string(out, branch->state->name, strlen(branch->state->name));
	put_integer(out, "visit", branch->visit);
	put_integer(out, "attempt", branch->attempt);
	put_integer(out, "entered", branch->entered_event);
	put_integer(out, "after", branch->entered_after);
	put_integer(out, "last", branch->last_event);
	put_integer(out, "time", branch->entered_time);
	put_retries(out, branch);
	put_flag(out, "started", branch->task_started);
	if (branch->task_token != NULL)
	{
		appendStringInfoString(out, ",\"token\":");
		jv_print_string(out, branch->task_token, strlen(branch->task_token));
	}
	put_integer(out, "heartbeat", branch->heartbeat_due);
	put_integer(out, "total", branch->child_total);
	put_integer(out, "begun", branch->child_started);
	put_integer(out, "ended", branch->child_finished);
	put_integer(out, "lastChild", branch->last_child_event);
	put_items(out, branch);
	if (branch->map_run != NULL)
	{
		appendStringInfoString(out, ",\"mapRun\":");
		jv_print_string(out, branch->map_run, strlen(branch->map_run));
		put_integer(out, "mapRedrives", branch->map_redrives);
	}
	put_flag(out, "timers", branch->has_timers);
	appendStringInfoChar(out, '}');
}

/* ---- restoring ---- */

/* An integer member within bounds; absent: 0. */
static bool
get_integer(const JsonVal *image, const char *name, int64 minimum, int64 maximum, int64 *number)
{
	const JsonVal *value = jv_get(image, name);

	*number = 0;
	if (value == NULL)
		return true;
	return jv_to_plain_int64(value, number) && *number >= minimum && *number <= maximum;
}

static bool
get_count(const JsonVal *image, const char *name, int32 *count)
{
	int64 number;

	if (!get_integer(image, name, 0, MAX_CHILDREN, &number))
		return false;
	*count = (int32) number;
	return true;
}

static bool
get_event(const JsonVal *image, const char *name, int64 *id)
{
	return get_integer(image, name, 0, PG_INT64_MAX, id);
}

static bool
get_flag(const JsonVal *image, const char *name, bool *flag)
{
	const JsonVal *value = jv_get(image, name);

	*flag = jv_is(value, JV_BOOL) && value->boolean;
	return value == NULL || value->type == JV_BOOL;
}

static bool
get_status(const JsonVal *image, BranchStatus *status)
{
	const char *name = jv_get_string(image, "status");

	for (int i = BRANCH_READY; name != NULL && i <= BRANCH_FINISHED; i++)
	{
		if (strcmp(name, status_names[i]) == 0)
		{
			*status = (BranchStatus) i;
			return true;
		}
	}
	return false;
}

/* The scope that a branch walks; NULL where its parent's state has no such branch. */
static const AslScope *
branch_scope(const Execution *execution, const Branch *branch)
{
	const AslState *owner = branch->parent != NULL ? branch->parent->state : NULL;

	if (branch->parent == NULL)
		return &execution->machine->top;
	if (owner->type == &state_type_map)
		return ((const MapState *) owner)->processor;
	if (owner->type == &state_type_parallel && branch->index >= 0 &&
		branch->index < ((const ParallelState *) owner)->branch_count)
		return ((const ParallelState *) owner)->branches[branch->index];
	return NULL;
}

static bool
get_retries(const JsonVal *image, Branch *branch)
{
	const JsonVal *counts = jv_get(image, "retries");

	branch->retry_counts = NULL;
	if (counts == NULL)
		return true;
	if (counts->type != JV_ARRAY || counts->count != branch->state->retrier_count)
		return false;
	branch->retry_counts = palloc0(Max(counts->count, 1) * sizeof(int));
	for (int i = 0; i < counts->count; i++)
	{
		int64 n;

		if (!jv_to_plain_int64(counts->u.items[i], &n) || n < 0 || n > PG_INT32_MAX)
			return false;
		branch->retry_counts[i] = (int) n;
	}
	return true;
}

static bool
get_token(const JsonVal *image, Branch *branch)
{
	const JsonVal *token = jv_get(image, "token");

	branch->task_token = jv_is(token, JV_STRING) ? token->u.text : NULL;
	return token == NULL || token->type == JV_STRING;
}

/* Children: counts that can be, and none where the state has none. */
static bool
get_children(const JsonVal *image, Branch *branch)
{
	const StateType *type = branch->state->type;

	if (!get_count(image, "total", &branch->child_total) || !get_count(image, "begun", &branch->child_started) ||
		!get_count(image, "ended", &branch->child_finished) ||
		!get_event(image, "lastChild", &branch->last_child_event))
		return false;
	if (branch->child_finished > branch->child_started || branch->child_started > branch->child_total)
		return false;
	if (branch->child_total == 0)
		return true;
	if (type == &state_type_parallel)
		return branch->child_total == ((const ParallelState *) branch->state)->branch_count;
	return type == &state_type_map;
}

static bool
get_map_run(const JsonVal *image, Branch *branch)
{
	const JsonVal *name = jv_get(image, "mapRun");

	branch->map_run = jv_is(name, JV_STRING) ? name->u.text : NULL;
	return (name == NULL || name->type == JV_STRING) && get_count(image, "mapRedrives", &branch->map_redrives);
}

static bool
get_items(const JsonVal *image, Branch *branch)
{
	const JsonVal *items = jv_get(image, "items");

	if (items == NULL)
		return true;
	branch->items = items;
	return items->type == JV_ARRAY && items->count == branch->child_total && stores_items(branch);
}

static bool
restore(const Execution *execution, Branch *branch, const JsonVal *image)
{
	const char *name = jv_get_string(image, "state");
	const AslScope *scope = branch_scope(execution, branch);
	int64 visit;
	int64 attempt;

	if (!get_status(image, &branch->status) || name == NULL || scope == NULL)
		return false;
	branch->state = scope_state(execution->machine, scope, name);
	if (branch->state == NULL)
		return false;
	if (!get_integer(image, "visit", 0, PG_INT32_MAX - 1, &visit) ||
		!get_integer(image, "attempt", 0, PG_INT32_MAX - 1, &attempt))
		return false;
	branch->visit = (int32) visit;
	branch->attempt = (int32) attempt;
	return get_event(image, "entered", &branch->entered_event) && get_event(image, "after", &branch->entered_after) &&
		get_event(image, "last", &branch->last_event) &&
		get_integer(image, "time", MIN_TIMESTAMP, END_TIMESTAMP - 1, &branch->entered_time) &&
		get_integer(image, "heartbeat", MIN_TIMESTAMP, END_TIMESTAMP - 1, &branch->heartbeat_due) &&
		get_retries(image, branch) && get_flag(image, "started", &branch->task_started) && get_token(image, branch) &&
		get_children(image, branch) && get_items(image, branch) && get_map_run(image, branch) &&
		get_flag(image, "timers", &branch->has_timers);
}

bool
branch_image_restore(Execution *execution, Branch *branch, const char *text, int length, SfnError *error)
{
	JvParseError parse_error;
	const JsonVal *image = jv_parse_stored(text, length, &parse_error);

	if (!jv_is(image, JV_OBJECT) || !restore(execution, branch, image))
	{
		/* Out of everyone's way, in a state that does not matter. */
		branch->status = BRANCH_GONE;
		branch->state = execution->machine->top.start;
		return sfn_error(error, ERROR_RUNTIME, "The stored state of branch %d cannot be read.", branch->id);
	}
	if (branch->status == BRANCH_READY)
		branch_queue(execution, branch);
	return true;
}
