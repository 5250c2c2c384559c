/*
 * execution_batch.c
 *	  Starting many executions of one machine with few statements.
 *
 * Names and inputs gather in memory ("sfn execution batch") and go to the tables
 * as arrays, a thousand executions or a megabyte at a time.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "settings/clock.h"
#include "store/execution_batch.h"
#include "store/new_executions.h"

#define BATCH_BYTES (1024 * 1024)

struct ExecutionBatch
{
	NewExecutions shared;
	MemoryContext context; /* names and inputs; reset when stored */
	NameIsTaken is_taken;
	void *arg;
	int64 stored; /* how many were added before these */
	int count;
	Size bytes;
	NewExecution executions[NEW_EXECUTIONS_MAX];
};

static void batch_store(ExecutionBatch *batch);

ExecutionBatch *
execution_batch_begin(const NewExecutions *shared, NameIsTaken is_taken, void *arg)
{
	ExecutionBatch *batch = palloc0(sizeof(ExecutionBatch));

	batch->shared = *shared;
	batch->context = AllocSetContextCreate(CurrentMemoryContext, "sfn execution batch", ALLOCSET_DEFAULT_SIZES);
	batch->is_taken = is_taken;
	batch->arg = arg;
	return batch;
}

char *
execution_batch_add(ExecutionBatch *batch, const char *name, const char *input, int input_length)
{
	MemoryContext caller_context;
	NewExecution *execution;
	char *stored_name;

	if (batch->count > 0 && batch->executions[0].name.is_chosen != (name != NULL))
		batch_store(batch); /* all names of a statement are of one kind */
	caller_context = MemoryContextSwitchTo(batch->context);
	execution = &batch->executions[batch->count];
	new_name_make(&execution->name, name, batch->shared.machine->is_express);
	execution->input = PointerGetDatum(cstring_to_text_with_len(input, input_length));
	batch->count++;
	batch->bytes += (Size) input_length;
	MemoryContextSwitchTo(caller_context);
	stored_name = pstrdup(new_name_stored(&execution->name));

	if (batch->count == NEW_EXECUTIONS_MAX || batch->bytes >= BATCH_BYTES)
		batch_store(batch);
	return stored_name;
}

void
execution_batch_flush(ExecutionBatch *batch)
{
	if (batch->count > 0)
		batch_store(batch);
}

void
execution_batch_end(ExecutionBatch *batch)
{
	execution_batch_flush(batch);
	MemoryContextDelete(batch->context);
	pfree(batch);
}

static void
batch_store(ExecutionBatch *batch)
{
	MemoryContext caller_context = MemoryContextSwitchTo(batch->context);
	NewExecutions shared = batch->shared;
	bool is_taken[NEW_EXECUTIONS_MAX] = {false};

	if (shared.start_date == 0)
		shared.start_date = sfn_now();
	if (batch->executions[0].name.is_chosen && !shared.machine->is_express)
		new_executions_store_chosen(&shared, batch->count, batch->executions, is_taken);
	else
		new_executions_store(&shared, batch->count, batch->executions);
	MemoryContextSwitchTo(caller_context);
	for (int i = 0; i < batch->count; i++)
		if (is_taken[i])
			batch->is_taken(batch->arg, batch->stored + i, &batch->executions[i]);
	MemoryContextReset(batch->context);
	batch->stored += batch->count;
	batch->count = 0;
	batch->bytes = 0;
}
