/*
 * charges.c
 *	  What starts and redrives take of the quota of the role that the execution runs as.
 *
 * That is the role of its revision: a version of a state machine may have another one than
 * the state machine has now.  What was taken goes back with the (sub)transaction, which
 * whoever calls an action that fails rolls back.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "actions/charges.h"
#include "store/quotas.h"

static const char *
role_name(Oid role)
{
	const char *name = GetUserNameFromId(role, true);

	return name != NULL ? name : "(dropped)";
}

static bool
fail_for_quota(ActionCall *call, const Quota *quota, const QuotaExcess *excess, const QuotaAmounts *amounts)
{
	const char *name = quota_kind_name(excess->kind);
	char *limit = psprintf(INT64_FORMAT, quota->limits[excess->kind]);
	char *use = psprintf(INT64_FORMAT, excess->use);

	if (excess->kind == QUOTA_STARTS)
		return action_fail(call, API_RATE_EXCEEDED, name, limit, role_name(quota->role));
	if (amounts->of[excess->kind] != 1)
		use = psprintf("%s and " INT64_FORMAT " more", use, amounts->of[excess->kind]);
	return action_fail(call, API_EXECUTION_LIMIT_EXCEEDED, name, use, limit, role_name(quota->role));
}

static bool
charge(ActionCall *call, const Quota *quota, const QuotaAmounts *amounts, bool may_count)
{
	QuotaExcess excess;

	if (!quota_take_start(quota, &excess) || !quota_take(quota, amounts, may_count, &excess))
		return fail_for_quota(call, quota, &excess, amounts);
	return true;
}

static QuotaAmounts
amounts_of_start(int input_length, int sign)
{
	QuotaAmounts amounts;

	amounts.of[QUOTA_OPEN_EXECUTIONS] = sign;
	amounts.of[QUOTA_PAYLOAD_BYTES] = sign * (int64) input_length;
	amounts.of[QUOTA_STORED_BYTES] = sign * (int64) input_length;
	return amounts;
}

bool
charge_start(ActionCall *call, const MachineRow *machine, int input_length, bool may_count)
{
	QuotaAmounts amounts = amounts_of_start(input_length, 1);
	Quota quota;

	return !quota_find_of_revision(machine->revision_id, &quota) || charge(call, &quota, &amounts, may_count);
}

void
charge_start_undone(const MachineRow *machine, int input_length)
{
	QuotaAmounts amounts = amounts_of_start(input_length, -1);
	Quota quota;

	if (quota_find_of_revision(machine->revision_id, &quota))
		quota_account_add(quota_account_of(quota.role), &amounts);
}

bool
charge_redrive(ActionCall *call, int64 execution_id, int64 revision_id)
{
	QuotaAmounts amounts;
	Quota quota;

	if (!quota_find_of_revision(revision_id, &quota))
		return true;
	amounts = quota_amounts_of_redrive(execution_id);
	return charge(call, &quota, &amounts, true);
}

bool
charge_sync_start(ActionCall *call, Oid role)
{
	QuotaAmounts nothing = {0};
	QuotaExcess excess;
	Quota quota;
	StoreScope scope;
	bool has_quota;

	if (quotas_are_known_to_be_none())
		return true;
	store_enter(&scope);
	has_quota = quota_find(role, &quota);
	store_leave(&scope);
	return !has_quota || quota_take_start(&quota, &excess) || fail_for_quota(call, &quota, &excess, &nothing);
}
