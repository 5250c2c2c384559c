/*
 * mocks.c
 *	  Answers that a test gives in place of the work of states.
 */
#include "base/port.h"

#include "datatype/timestamp.h"

#include "base/nearest.h"
#include "engine/step.h"
#include "testing/mocks.h"

/* A mock and how often it was asked. */
typedef struct Mock
{
	const char *name;
	const JsonVal *answers;
	int calls;
} Mock;

struct Mocks
{
	int count;
	Mock mocks[FLEXIBLE_ARRAY_MEMBER];
};

static bool
is_answer(const JsonVal *answer)
{
	const JsonVal *seconds = jv_get(answer, "seconds");

	if (!jv_is(answer, JV_OBJECT) || (seconds != NULL && (seconds->type != JV_NUMBER || seconds->number < 0)))
		return false;
	if (jv_get(answer, "result") != NULL)
		return jv_get(answer, "error") == NULL && jv_get(answer, "cause") == NULL;
	return jv_is(jv_get(answer, "error"), JV_STRING);
}

/* An answer, or an array of some. */
static bool
is_mock(const JsonVal *value)
{
	if (!jv_is(value, JV_ARRAY))
		return is_answer(value);
	for (int i = 0; i < value->count; i++)
	{
		if (!is_answer(value->u.items[i]))
			return false;
	}
	return value->count > 0;
}

Mocks *
mocks_read(const JsonVal *value, char **problem)
{
	int count = value != NULL ? value->count : 0;
	Mocks *mocks;

	if (value != NULL && value->type != JV_OBJECT)
	{
		*problem = pstrdup("the mocks are no object");
		return NULL;
	}
	mocks = palloc0(offsetof(Mocks, mocks) + count * sizeof(Mock));
	for (int i = 0; i < count; i++)
	{
		Mock *mock = &mocks->mocks[mocks->count++];

		mock->name = value->u.members[i].key;
		mock->answers = value->u.members[i].value;
		if (!is_mock(mock->answers))
		{
			*problem = psprintf("the mock of \"%s\" is no answer", mock->name);
			return NULL;
		}
	}
	return mocks;
}

const JsonVal *
mocks_answer(Mocks *mocks, const char *name)
{
	for (int i = 0; i < mocks->count; i++)
	{
		Mock *mock = &mocks->mocks[i];

		if (strcmp(mock->name, name) != 0)
			continue;
		if (mock->answers->type != JV_ARRAY)
			return mock->answers;
		mock->calls = Min(mock->calls + 1, mock->answers->count);
		return mock->answers->u.items[mock->calls - 1];
	}
	return NULL;
}

/* ---- mocks of nothing ---- */

/* What mocks of the machine can be named like: its Tasks, Maps and Parallels, and the resources of Tasks. */
static const char **
names_to_mock(const AslMachine *machine, int *count)
{
	const char **names = palloc(sizeof(char *) * (2 * machine->state_count + 1));

	*count = 0;
	for (int i = 0; i < machine->state_count; i++)
	{
		const AslState *state = machine->states[i];

		if (state->type == &state_type_task)
			names[(*count)++] = ((const TaskState *) state)->resource.text;
		if (state->type == &state_type_task || state->type == &state_type_map || state->type == &state_type_parallel)
			names[(*count)++] = state->name;
	}
	return names;
}

const char *
mocks_stray(const Mocks *mocks, const AslMachine *machine, const char **nearest)
{
	int count;
	const char **names = names_to_mock(machine, &count);

	for (int i = 0; i < mocks->count; i++)
	{
		if (name_is_among(mocks->mocks[i].name, names, count))
			continue;
		*nearest = nearest_name(mocks->mocks[i].name, names, count);
		return mocks->mocks[i].name;
	}
	return NULL;
}

const char *
mocks_meant_for(const Mocks *mocks, const AslMachine *machine, const TaskState *task)
{
	int count;
	const char **names = names_to_mock(machine, &count);
	const char **strays = palloc(sizeof(char *) * (mocks->count + 1));
	int stray_count = 0;
	const char *meant;

	for (int i = 0; i < mocks->count; i++)
	{
		if (!name_is_among(mocks->mocks[i].name, names, count))
			strays[stray_count++] = mocks->mocks[i].name;
	}
	meant = nearest_name(task->base.name, strays, stray_count);
	return meant != NULL ? meant : nearest_name(task->resource.text, strays, stray_count);
}

void
mock_event(const JsonVal *answer, Event *event, int64 *delay)
{
	const JsonVal *seconds = jv_get(answer, "seconds");

	event->value = jv_get(answer, "result");
	event->kind = event->value != NULL ? EVENT_TASK_SUCCEEDED : EVENT_TASK_FAILED;
	event->error = jv_get_string(answer, "error");
	event->cause = jv_get_string(answer, "cause");
	*delay = seconds != NULL ? (int64) (Min(seconds->number, 1e9) * USECS_PER_SEC) : 0;
}
