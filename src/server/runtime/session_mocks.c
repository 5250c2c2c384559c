/*
 * session_mocks.c
 *	  Mocks of a session's own turns: sfn.test_mocks.
 *
 * How often each was asked is counted from when the setting was made, in the memory
 * of the session; a rollback does not count back.  Context: "sfn mocks".
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "runtime/session_mocks.h"
#include "settings/guc.h"

static MemoryContext mocks_context = NULL;
static Mocks *mocks = NULL;
static int mocks_change = 0;
static bool is_warned = false; /* since the setting was made */

/* The setting has been checked when it was made. */
static void
read_mocks(void)
{
	MemoryContext context;
	JvParseError error;
	char *problem;
	const JsonVal *value;

	if (mocks_context == NULL)
		mocks_context = AllocSetContextCreate(TopMemoryContext, "sfn mocks", ALLOCSET_SMALL_SIZES);
	mocks = NULL;
	is_warned = false;
	MemoryContextReset(mocks_context);
	context = MemoryContextSwitchTo(mocks_context);
	value = jv_parse(sfn_test_mocks, (int) strlen(sfn_test_mocks), &error);
	if (value != NULL)
		mocks = mocks_read(value, &problem);
	MemoryContextSwitchTo(context);
	mocks_change = sfn_test_mocks_changes;
}

/* Mocks may be for several machines, so one that this has no name for is a mistake only if it is nearly that of the task. */
static void
warn_of_misspelling(const AslMachine *machine, const TaskState *task)
{
	const char *meant = is_warned ? NULL : mocks_meant_for(mocks, machine, task);

	if (meant == NULL)
		return;
	is_warned = true;
	ereport(WARNING,
			(errmsg("the task \"%s\" has no mock in sfn.test_mocks and is done", task->base.name),
			 errhint("Perhaps \"%s\" is meant for it.", meant)));
}

const JsonVal *
session_mock(const AslMachine *machine, const TaskState *task)
{
	const JsonVal *answer;

	if (sfn_test_mocks == NULL || sfn_test_mocks[0] == '\0')
		return NULL;
	if (mocks == NULL || mocks_change != sfn_test_mocks_changes)
		read_mocks();
	if (mocks == NULL)
		return NULL;
	answer = mocks_answer(mocks, task->base.name);
	if (answer == NULL)
		answer = mocks_answer(mocks, task->resource.text);
	if (answer == NULL)
		warn_of_misspelling(machine, task);
	return answer;
}
