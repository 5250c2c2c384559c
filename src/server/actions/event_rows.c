/*
 * event_starts.c
 *	  Executions that events start in a turn: those of one machine go to the tables together.
 *
 * A row for itself costs the table and each index about twice what it costs among others.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "actions/event_starts.h"
#include "store/execution_batch.h"

/* Those that share all but name and input. */
typedef struct StartGroup
{
	struct StartGroup *next;
	MachineRow machine;
	NewExecutions shared;
	ExecutionBatch *batch;
} StartGroup;

struct EventStarts
{
	MemoryContext context;
	StartGroup *groups;
};

EventStarts *
event_starts_begin(void)
{
	EventStarts *starts = palloc0(sizeof(EventStarts));

	starts->context = CurrentMemoryContext;
	return starts;
}

static bool
is_same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
belongs_to(const StartGroup *group, const NewExecutions *shared)
{
	return group->machine.id == shared->machine->id && group->machine.revision_id == shared->machine->revision_id &&
		group->shared.starter == shared->starter && is_same_text(group->shared.trace_header, shared->trace_header);
}

/* Rules start executions of the machine itself, not of a version or an alias, and nobody waits for their end. */
static StartGroup *
group_begin(EventStarts *starts, const NewExecutions *shared)
{
	StartGroup *group = palloc0(sizeof(StartGroup));

	group->machine = (MachineRow){.id = shared->machine->id, .revision_id = shared->machine->revision_id};
	group->shared = *shared;
	group->shared.machine = &group->machine;
	group->shared.trace_header = shared->trace_header != NULL ? pstrdup(shared->trace_header) : NULL;
	group->batch = execution_batch_begin(&group->shared, NULL, NULL);
	group->next = starts->groups;
	starts->groups = group;
	return group;
}

void
event_starts_add(EventStarts *starts, const NewExecutions *shared, const char *input)
{
	MemoryContext caller_context = MemoryContextSwitchTo(starts->context);
	StartGroup *group = starts->groups;

	while (group != NULL && !belongs_to(group, shared))
		group = group->next;
	if (group == NULL)
		group = group_begin(starts, shared);
	execution_batch_add(group->batch, NULL, input, (int) strlen(input));
	MemoryContextSwitchTo(caller_context);
}

void
event_starts_store(EventStarts *starts)
{
	for (StartGroup *group = starts->groups; group != NULL; group = group->next)
		execution_batch_end(group->batch);
	starts->groups = NULL;
}
