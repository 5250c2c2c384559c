/*
 * budget.c
 *	  What one transition may use: looking, and the error.
 */
#include "base/budget.h"

#define KILOBYTE 1024

Size
budget_memory_left(const Budget *budget)
{
	Size used;

	if (budget->max_memory == 0 || budget->memory_used == NULL)
		return SIZE_MAX;
	used = budget->memory_used(budget);
	used = (used > budget->memory_before) ? used - budget->memory_before : 0;
	return (used < budget->max_memory) ? budget->max_memory - used : 0;
}

/* Ticks stay where every further one is a look, so that all answer alike. */
static void
judge(Budget *budget, BudgetVerdict verdict)
{
	if (budget->verdict == BUDGET_LEFT)
		budget->verdict = verdict;
	budget->ticks = BUDGET_TICKS;
}

void
budget_memory_is_spent(Budget *budget)
{
	judge(budget, BUDGET_OUT_OF_MEMORY);
}

bool
budget_look_at_memory(Budget *budget, Size wanted)
{
	Size left;

	if (budget->verdict != BUDGET_LEFT)
		return false;
	left = budget_memory_left(budget);
	if (left == 0 || wanted > left)
		judge(budget, BUDGET_OUT_OF_MEMORY);
	return budget->verdict == BUDGET_LEFT;
}

static void
look_at_clock(Budget *budget)
{
	int64 now = budget->clock(budget);
	int64 took;

	if (!budget->has_started)
	{
		budget->has_started = true;
		budget->started = now;
	}
	took = now - budget->started;
	if (budget->max_time > 0 && took > budget->max_time)
		judge(budget, BUDGET_OUT_OF_TIME);
	else if (budget->share > 0 && budget->can_be_taken_back && took > budget->share)
		judge(budget, BUDGET_OVER_SHARE);
}

bool
budget_look(Budget *budget, Size wanted)
{
	SFN_CHECK_INTERRUPTS();
	if (!budget_look_at_memory(budget, wanted))
		return false;
	budget->ticks = 0;
	if (budget->clock != NULL)
		look_at_clock(budget);
	if (budget->verdict == BUDGET_LEFT && budget->can_be_taken_back && budget->is_stopped != NULL &&
		budget->is_stopped(budget))
		judge(budget, BUDGET_STOPPED);
	return budget->verdict == BUDGET_LEFT;
}

int64
budget_time(const Budget *budget)
{
	return budget->has_started ? budget->clock(budget) - budget->started : 0;
}

/* A size as it was set: in the largest unit that divides it. */
static const char *
size_text(Size bytes)
{
	static const char *const units[] = {"bytes", "kB", "MB", "GB"};
	int unit = 0;

	while (unit + 1 < (int) lengthof(units) && bytes >= KILOBYTE && bytes % KILOBYTE == 0)
	{
		bytes /= KILOBYTE;
		unit++;
	}
	return psprintf("%zu %s", bytes, units[unit]);
}

bool
budget_fail(const Budget *budget, SfnError *error)
{
	if (budget->verdict == BUDGET_OUT_OF_MEMORY)
		return sfn_error(error, ERROR_RUNTIME, "The transition needs more than %s of memory.",
						 size_text(budget->max_memory));
	return sfn_error(error, ERROR_RUNTIME, "The transition takes more than %g s.", budget->max_time / 1000000.0);
}
