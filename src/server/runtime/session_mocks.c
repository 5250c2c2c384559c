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
	MemoryContextReset(mocks_context);
	context = MemoryContextSwitchTo(mocks_context);
	value = jv_parse(sfn_test_mocks, (int) strlen(sfn_test_mocks), &error);
	if (value != NULL)
		mocks = mocks_read(value, &problem);
	MemoryContextSwitchTo(context);
	mocks_change = sfn_test_mocks_changes;
}

const JsonVal *
session_mock(const TaskState *task)
{
	const JsonVal *answer;

	if (sfn_test_mocks == NULL || sfn_test_mocks[0] == '\0')
		return NULL;
	if (mocks == NULL || mocks_change != sfn_test_mocks_changes)
		read_mocks();
	if (mocks == NULL)
		return NULL;
	answer = mocks_answer(mocks, task->base.name);
	return answer != NULL ? answer : mocks_answer(mocks, task->resource.text);
}
