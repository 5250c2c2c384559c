/*
 * quota_use.c
 *	  What executions in a turn take of their role's quota, and give back.
 *
 * A turn writes what it has begun, so a quota on stored bytes is passed by one turn
 * at most; an execution yields when it has written what was left, and fails when it
 * comes to a turn and nothing is left.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "runtime/running.h"
#include "store/quotas.h"
#include "store/store.h"

static bool
find_quota(const Running *running, Quota *quota)
{
	StoreScope scope;
	bool has_quota;

	if (quotas_are_known_to_be_none() || running->cached == NULL)
		return false;
	store_enter(&scope);
	has_quota = quota_find(running->cached->role, quota);
	store_leave(&scope);
	return has_quota;
}

/* Rows of this turn are not written yet, so none of them is found by a count. */
static bool
is_passed(const Quota *quota, QuotaKind kind, QuotaExcess *excess)
{
	StoreScope scope;
	bool result;

	excess->use = 0;
	if (quota->limits[kind] == NO_QUOTA)
		return false;
	store_enter(&scope);
	result = quota_is_passed(quota, kind, false, excess);
	store_leave(&scope);
	return result;
}

/* ---- stored bytes ---- */

static void
fail(Running *running, const Quota *quota, const QuotaExcess *excess)
{
	const char *role = GetUserNameFromId(quota->role, true);
	const char *cause =
		psprintf("The quota on %s of role \"%s\" is exceeded: " INT64_FORMAT " in use, " INT64_FORMAT " allowed.",
				 quota_kind_name(excess->kind), role != NULL ? role : "(dropped)", excess->use,
				 quota->limits[excess->kind]);

	for (InboxRow *row = running->claimed->first_row; row != NULL; row = row->next)
	{
		if (row->kind != EVENT_STOP)
			turn_rows_inbox_done(running->turn->rows, &row->tid);
	}
	engine_fail(&running->execution, ERROR_RUNTIME, cause, &running->turn->env);
}

bool
running_check_quota(Running *running)
{
	Quota quota;
	QuotaExcess excess;
	bool has_passed;

	if (!find_quota(running, &quota) || quota.limits[QUOTA_STORED_BYTES] == NO_QUOTA)
		return true;
	has_passed = is_passed(&quota, QUOTA_STORED_BYTES, &excess);
	running->stored.is_limited = true;
	running->stored.bytes = Max(quota.limits[QUOTA_STORED_BYTES] - excess.use, 0);
	if (!has_passed || running->execution.status != EXECUTION_RUNNING)
		return true;
	fail(running, &quota, &excess);
	return false;
}

bool
turn_has_used_quota(const Turn *turn)
{
	int64 written = 0;

	if (turn->in_hand == NULL || !turn->in_hand->stored.is_limited)
		return false;
	for (const HistoryChunk *chunk = turn->in_hand->execution.first_chunk; chunk != NULL; chunk = chunk->next)
		written += chunk->events.len;
	return written >= turn->in_hand->stored.bytes;
}

/* ---- use ---- */

void
running_charge_quota(Running *running)
{
	const Execution *execution = &running->execution;
	QuotaAmounts added = {0};
	QuotaAmounts ended = {0};
	Quota quota;

	if (!find_quota(running, &quota))
		return;
	added.of[QUOTA_STORED_BYTES] = running->history_bytes;
	quota_account_add(quota_account_of(quota.role), &added);
	if (!running->was_running || execution->status == EXECUTION_RUNNING)
		return;
	ended.of[QUOTA_OPEN_EXECUTIONS] = 1;
	ended.of[QUOTA_PAYLOAD_BYTES] = strlen(running->claimed->input);
	quota_account_release(quota_account_of(quota.role), &ended);
}

/* ---- children of map runs ---- */

int
running_quota_for_children(Running *running, int count)
{
	QuotaAmounts amounts = {0};
	Quota quota;
	QuotaExcess excess;
	QuotaAccount *account;

	if (count <= 0 || !find_quota(running, &quota))
		return count;
	account = quota_account_of(quota.role);
	if (is_passed(&quota, QUOTA_STORED_BYTES, &excess) || is_passed(&quota, QUOTA_PAYLOAD_BYTES, &excess) ||
		is_passed(&quota, QUOTA_OPEN_EXECUTIONS, &excess))
		return 0;
	if (quota.limits[QUOTA_OPEN_EXECUTIONS] != NO_QUOTA)
		count = (int) Min(count, quota.limits[QUOTA_OPEN_EXECUTIONS] - excess.use);
	if (quota.limits[QUOTA_STARTS] != NO_QUOTA)
		count = (int) quota_account_take(account, QUOTA_STARTS, quota.limits[QUOTA_STARTS], count);
	amounts.of[QUOTA_OPEN_EXECUTIONS] = count;
	return quota_account_reserve(account, &amounts, quota.limits, &excess.use) == QUOTA_KINDS ? count : 0;
}

void
running_charge_children(Running *running, int64 input_bytes)
{
	QuotaAmounts added = {0};
	Quota quota;

	if (!find_quota(running, &quota))
		return;
	added.of[QUOTA_PAYLOAD_BYTES] = added.of[QUOTA_STORED_BYTES] = input_bytes;
	quota_account_add(quota_account_of(quota.role), &added);
}
