/*
 * budget.h
 *	  What one transition may use: memory, time, and whether it is still wanted.
 *
 * A transition has one budget, from which everything it evaluates draws: paths,
 * intrinsic functions, JSONata, templates, rules.  Loops over data tick; every
 * so many ticks the owner of the budget is asked for memory, clock and stops.
 * Before an allocation whose size comes from data, and after each field, memory
 * is looked at in any case.
 *
 * That a budget is spent is data: from then on every look answers false, whoever
 * evaluates fails as for any other reason, and the step finds the verdict.
 * Functions take NULL for no budget at all.
 */
#ifndef SFN_BASE_BUDGET_H
#define SFN_BASE_BUDGET_H

#include "base/error.h"

typedef enum BudgetVerdict
{
	BUDGET_LEFT,
	BUDGET_OUT_OF_MEMORY, /* these two fail the state */
	BUDGET_OUT_OF_TIME,
	BUDGET_OVER_SHARE, /* and these two take the transition back */
	BUDGET_STOPPED
} BudgetVerdict;

typedef struct Budget Budget;

struct Budget
{
	/* what there is, filled by the owner; 0: no bound */
	Size max_memory; /* bytes */
	int64 max_time;  /* microseconds */
	int64 share;     /* microseconds after which a transition that can be taken back is */

	/* the owner's answers; NULL: nothing is bounded by them */
	Size (*memory_used)(const Budget *budget);
	int64 (*clock)(const Budget *budget); /* microseconds */
	bool (*is_stopped)(const Budget *budget);
	void *owner;

	/* the transition under way */
	BudgetVerdict verdict;
	bool can_be_taken_back;
	bool has_started;
	uint32 ticks;
	Size memory_before;
	int64 started; /* at the first look: a short transition reads no clock */
};

/* A transition begins. */
static inline void
budget_begin(Budget *budget, bool can_be_taken_back)
{
	budget->verdict = BUDGET_LEFT;
	budget->can_be_taken_back = can_be_taken_back;
	budget->has_started = false;
	budget->ticks = 0;
	if (budget->memory_used != NULL)
		budget->memory_before = budget->memory_used(budget);
}

/* Looks at everything, and whether that many bytes more can be had; false: spent. */
extern bool budget_look(Budget *budget, Size wanted);

/* Looks at memory only. */
extern bool budget_look_at_memory(Budget *budget, Size wanted);

/* Bytes that are left; the largest Size where nothing bounds them. */
extern Size budget_memory_left(const Budget *budget);

/* Finds that an evaluation has used up the memory that budget_memory_left() gave it. */
extern void budget_memory_is_spent(Budget *budget);

/* Microseconds since the first look of the transition; 0: it was too short for one. */
extern int64 budget_time(const Budget *budget);

/* The error of a budget that is spent: States.Runtime with what was too much; always false. */
extern bool budget_fail(const Budget *budget, SfnError *error);

#define BUDGET_TICKS 256 /* between looks */
#define BUDGET_SMALL ((Size) 64 * 1024)

/* Some work has been done: as much as going through so many nodes takes.  False: spent. */
static inline bool
budget_spend(Budget *budget, uint32 work)
{
	if (budget == NULL)
		return true;
	budget->ticks += work;
	return likely(budget->ticks < BUDGET_TICKS) || budget_look(budget, 0);
}

/* Before an allocation; false: spent. */
static inline bool
budget_allows(Budget *budget, Size size)
{
	return budget == NULL || likely(size <= BUDGET_SMALL) || budget_look(budget, size);
}

/* A field has been computed; false: spent. */
static inline bool
budget_field_done(Budget *budget)
{
	return budget == NULL || (budget_spend(budget, 8) && budget_look_at_memory(budget, 0));
}

/* Is the transition to be taken back, as if it had not begun? */
static inline bool
budget_takes_back(const Budget *budget)
{
	return unlikely(budget->verdict >= BUDGET_OVER_SHARE);
}

#endif /* SFN_BASE_BUDGET_H */
