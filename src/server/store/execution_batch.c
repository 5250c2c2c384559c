/*
 * execution_batch.c
 *	  Starting many executions of one machine with few statements.
 *
 * Names and inputs gather in memory ("sfn execution batch") and go to the tables
 * as arrays, a thousand executions or a megabyte at a time.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "store/execution_batch.h"
#include "store/store.h"
#include "workers/wakeup.h"

#define BATCH_ROWS 1000
#define BATCH_BYTES (1024 * 1024)

struct ExecutionBatch
{
	const MachineRow *machine;
	Oid starter;
	TimestampTz start_date;
	MemoryContext context; /* names and inputs; reset when stored */
	int count;
	Size bytes;
	Datum names[BATCH_ROWS];
	Datum inputs[BATCH_ROWS];
};

static void batch_store(ExecutionBatch *batch);

ExecutionBatch *
execution_batch_begin(const MachineRow *machine, Oid starter, TimestampTz start_date)
{
	ExecutionBatch *batch = palloc(sizeof(ExecutionBatch));

	batch->machine = machine;
	batch->starter = starter;
	batch->start_date = start_date;
	batch->context = AllocSetContextCreate(CurrentMemoryContext, "sfn execution batch", ALLOCSET_DEFAULT_SIZES);
	batch->count = 0;
	batch->bytes = 0;
	return batch;
}

void
execution_batch_add(ExecutionBatch *batch, const char *name, const char *input, int input_length)
{
	MemoryContext caller_context = MemoryContextSwitchTo(batch->context);

	batch->names[batch->count] = CStringGetTextDatum(name);
	batch->inputs[batch->count] = PointerGetDatum(cstring_to_text_with_len(input, input_length));
	batch->count++;
	batch->bytes += (Size) input_length;
	MemoryContextSwitchTo(caller_context);

	if (batch->count == BATCH_ROWS || batch->bytes >= BATCH_BYTES)
		batch_store(batch);
}

void
execution_batch_end(ExecutionBatch *batch)
{
	if (batch->count > 0)
		batch_store(batch);
	MemoryContextDelete(batch->context);
	pfree(batch);
}

static void
batch_store(ExecutionBatch *batch)
{
	static StoreQuery query = {
		"WITH started AS ("
		" INSERT INTO sfn.execution (state_machine_id, revision_id, starter, start_date, name, input, version, alias)"
		" SELECT $1, $2, $3, $4, v.name, v.input, $7, $8 FROM ROWS FROM (pg_catalog.unnest($5), pg_catalog.unnest($6)) v (name, input)"
		" RETURNING id, start_date)"
		" INSERT INTO sfn.inbox (execution_id, due, kind) SELECT id, start_date, 1 FROM started",
		8,
		{INT8OID, INT8OID, OIDOID, TIMESTAMPTZOID, TEXTARRAYOID, JSONARRAYOID, INT4OID, TEXTOID}};
	const MachineRow *machine = batch->machine;
	char nulls[9] = "        ";
	MemoryContext caller_context = MemoryContextSwitchTo(batch->context);
	Datum args[8] = {Int64GetDatum(machine->id),
					 Int64GetDatum(machine->revision_id),
					 ObjectIdGetDatum(batch->starter),
					 TimestampTzGetDatum(batch->start_date),
					 PointerGetDatum(construct_array(batch->names, batch->count, TEXTOID, -1, false, TYPALIGN_INT)),
					 PointerGetDatum(construct_array(batch->inputs, batch->count, JSONOID, -1, false, TYPALIGN_INT)),
					 Int32GetDatum(machine->version),
					 machine->alias != NULL ? CStringGetTextDatum(machine->alias) : (Datum) 0};

	nulls[6] = machine->version != 0 ? ' ' : 'n';
	nulls[7] = machine->alias != NULL ? ' ' : 'n';
	(void) store_run(&query, args, nulls, 0);
	wakeup_at_commit();
	MemoryContextSwitchTo(caller_context);
	MemoryContextReset(batch->context);
	batch->count = 0;
	batch->bytes = 0;
}
