/*
 * event_rows.c
 *	  What events lead to in a turn, gathered: executions of one machine, and what archives keep, go to the tables together.
 *
 * A row for itself costs the table and each index about twice what it costs among others.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "actions/event_rows.h"
#include "store/execution_batch.h"

#define ARCHIVED_MAX 250
#define ARCHIVED_BYTES (1024 * 1024)

/* Those that share all but name and input. */
typedef struct StartGroup
{
	struct StartGroup *next;
	MachineRow machine;
	NewExecutions shared;
	ExecutionBatch *batch;
} StartGroup;

struct EventRows
{
	MemoryContext context;
	StartGroup *groups;
	int archived_count;
	Size archived_bytes;
	ArchivedEvent archived[ARCHIVED_MAX];
};

EventRows *
event_rows_begin(void)
{
	EventRows *rows = palloc0(sizeof(EventRows));

	rows->context = CurrentMemoryContext;
	return rows;
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
group_begin(EventRows *rows, const NewExecutions *shared)
{
	StartGroup *group = palloc0(sizeof(StartGroup));

	group->machine = (MachineRow){.id = shared->machine->id, .revision_id = shared->machine->revision_id};
	group->shared = *shared;
	group->shared.machine = &group->machine;
	group->shared.trace_header = shared->trace_header != NULL ? pstrdup(shared->trace_header) : NULL;
	group->batch = execution_batch_begin(&group->shared, NULL, NULL);
	group->next = rows->groups;
	rows->groups = group;
	return group;
}

void
event_rows_start(EventRows *rows, const NewExecutions *shared, const char *input)
{
	MemoryContext caller_context = MemoryContextSwitchTo(rows->context);
	StartGroup *group = rows->groups;

	while (group != NULL && !belongs_to(group, shared))
		group = group->next;
	if (group == NULL)
		group = group_begin(rows, shared);
	execution_batch_add(group->batch, NULL, input, (int) strlen(input));
	MemoryContextSwitchTo(caller_context);
}

static void
store_archived(EventRows *rows)
{
	if (rows->archived_count > 0)
		archived_events_insert(rows->archived, rows->archived_count);
	for (int i = 0; i < rows->archived_count; i++)
		pfree(rows->archived[i].event);
	rows->archived_count = 0;
	rows->archived_bytes = 0;
}

void
event_rows_archive(EventRows *rows, const ArchivedEvent *event)
{
	ArchivedEvent *kept = &rows->archived[rows->archived_count++];

	*kept = *event;
	kept->event = MemoryContextStrdup(rows->context, event->event);
	rows->archived_bytes += strlen(kept->event);
	if (rows->archived_count == ARCHIVED_MAX || rows->archived_bytes >= ARCHIVED_BYTES)
		store_archived(rows);
}

void
event_rows_store(EventRows *rows)
{
	store_archived(rows);
	for (StartGroup *group = rows->groups; group != NULL; group = group->next)
		execution_batch_end(group->batch);
	rows->groups = NULL;
}
