/*
 * new_executions.c
 *	  The rows of executions that begin: the execution and its START in the inbox.
 *
 * Under names of our own making the rows go into the tables directly, unless
 * somebody has given a table what only a statement looks after.  A name that the
 * caller chose may be taken, perhaps by a transaction that is still open; that is for
 * ON CONFLICT to find out.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "engine/event.h"
#include "shared/wakeup.h"
#include "store/direct_insert.h"
#include "store/new_executions.h"
#include "store/store.h"

static DirectTable execution_table = {"execution",
									  {"state_machine_id", "revision_id", "starter", "start_date", "name", "input",
									   "version", "alias", "trace_header", "has_parent"}};
static DirectTable inbox_table = {"inbox", {"execution_id", "due"}, "kind", EVENT_START};

#define EXECUTION_COLUMNS 10
#define INBOX_COLUMNS 2

static void store_directly(const NewExecutions *shared, int count, const Datum *names, const Datum *inputs, int64 *ids);
static void store_by_statement(const NewExecutions *shared, int count, const Datum *names, const Datum *inputs,
							   int64 *ids);

static bool
is_possible_directly(void)
{
	return direct_insert_is_possible(&inbox_table) && direct_insert_is_possible(&execution_table);
}

bool
new_executions_are_direct(void)
{
	return is_possible_directly() && !inbox_table.has_expressions && !execution_table.has_expressions;
}

void
new_executions_store(const NewExecutions *shared, int count, const Datum *names, const Datum *inputs, int64 *ids)
{
	if (is_possible_directly())
		store_directly(shared, count, names, inputs, ids);
	else
		store_by_statement(shared, count, names, inputs, ids);
	wakeup_at_commit();
}

static void
store_directly(const NewExecutions *shared, int count, const Datum *names, const Datum *inputs, int64 *ids)
{
	const MachineRow *machine = shared->machine;
	Datum trace_header = shared->trace_header != NULL ? CStringGetTextDatum(shared->trace_header) : (Datum) 0;
	Datum alias = machine->alias != NULL ? CStringGetTextDatum(machine->alias) : (Datum) 0;
	Datum *values = palloc(sizeof(Datum) * EXECUTION_COLUMNS * count);
	bool *nulls = palloc0(sizeof(bool) * EXECUTION_COLUMNS * count);
	int64 *new_ids = ids != NULL ? ids : palloc(sizeof(int64) * count);

	for (int i = 0; i < count; i++)
	{
		Datum *row = values + i * EXECUTION_COLUMNS;
		bool *row_nulls = nulls + i * EXECUTION_COLUMNS;

		row[0] = Int64GetDatum(machine->id);
		row[1] = Int64GetDatum(machine->revision_id);
		row[2] = ObjectIdGetDatum(shared->starter);
		row[3] = TimestampTzGetDatum(shared->start_date);
		row[4] = names[i];
		row[5] = inputs[i];
		row[6] = Int32GetDatum(machine->version);
		row_nulls[6] = machine->version == 0;
		row[7] = alias;
		row_nulls[7] = machine->alias == NULL;
		row[8] = trace_header;
		row_nulls[8] = shared->trace_header == NULL;
		row[9] = BoolGetDatum(shared->has_parent);
	}
	direct_insert(&execution_table, count, values, nulls, new_ids);

	memset(nulls, 0, sizeof(bool) * INBOX_COLUMNS * count);
	for (int i = 0; i < count; i++)
	{
		Datum *row = values + i * INBOX_COLUMNS;

		row[0] = Int64GetDatum(new_ids[i]);
		row[1] = TimestampTzGetDatum(shared->start_date);
	}
	direct_insert(&inbox_table, count, values, nulls, NULL);
}

static void
store_by_statement(const NewExecutions *shared, int count, const Datum *names, const Datum *inputs, int64 *ids)
{
	static StoreQuery query =
		{"WITH started AS ("
		 " INSERT INTO sfn.execution (state_machine_id, revision_id, starter, start_date, name, input, version, alias,"
		 " trace_header) SELECT $1, $2, $3, $4, v.name, v.input, $7, $8, $9"
		 " FROM ROWS FROM (pg_catalog.unnest($5), pg_catalog.unnest($6)) v (name, input)"
		 " RETURNING id, name, start_date),"
		 " queued AS (INSERT INTO sfn.inbox (execution_id, due, kind) SELECT id, start_date, :EVENT_START FROM started)"
		 " SELECT s.id FROM started s JOIN pg_catalog.unnest($5) WITH ORDINALITY n (name, place) ON n.name = s.name"
		 " ORDER BY n.place",
		 9,
		 {INT8OID, INT8OID, OIDOID, TIMESTAMPTZOID, TEXTARRAYOID, JSONARRAYOID, INT4OID, TEXTOID, TEXTOID},
		 .scans = true};
	const MachineRow *machine = shared->machine;
	char nulls[10] = "         ";
	Datum args[9] = {Int64GetDatum(machine->id),
					 Int64GetDatum(machine->revision_id),
					 ObjectIdGetDatum(shared->starter),
					 TimestampTzGetDatum(shared->start_date),
					 PointerGetDatum(construct_array((Datum *) names, count, TEXTOID, -1, false, TYPALIGN_INT)),
					 PointerGetDatum(construct_array((Datum *) inputs, count, JSONOID, -1, false, TYPALIGN_INT)),
					 Int32GetDatum(machine->version),
					 machine->alias != NULL ? CStringGetTextDatum(machine->alias) : (Datum) 0,
					 shared->trace_header != NULL ? CStringGetTextDatum(shared->trace_header) : (Datum) 0};
	uint64 stored;

	nulls[6] = machine->version != 0 ? ' ' : 'n';
	nulls[7] = machine->alias != NULL ? ' ' : 'n';
	nulls[8] = shared->trace_header != NULL ? ' ' : 'n';
	stored = store_run(&query, args, nulls, 0);
	if (ids == NULL)
		return;
	if (stored != (uint64) count)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("only " UINT64_FORMAT " of %d new executions are in the table sfn.execution", stored, count),
				 errhint("A trigger or rule of that table keeps rows out.")));
	for (int i = 0; i < count; i++)
		ids[i] = store_int64((uint64) i, ONLY_COLUMN);
}

int64
new_execution_store_named(const NewExecutions *shared, Datum name, Datum input)
{
	static StoreQuery query =
		{"WITH started AS ("
		 " INSERT INTO sfn.execution (state_machine_id, revision_id, starter, name, input, trace_header, start_date,"
		 " version, alias) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
		 " ON CONFLICT (state_machine_id, name) DO NOTHING RETURNING id, start_date),"
		 " queued AS (INSERT INTO sfn.inbox (execution_id, due, kind) SELECT id, start_date, :EVENT_START FROM started)"
		 " SELECT id FROM started",
		 9,
		 {INT8OID, INT8OID, OIDOID, TEXTOID, JSONOID, TEXTOID, TIMESTAMPTZOID, INT4OID, TEXTOID}};
	const MachineRow *machine = shared->machine;
	char nulls[10] = "         ";
	Datum args[9] = {Int64GetDatum(machine->id),
					 Int64GetDatum(machine->revision_id),
					 ObjectIdGetDatum(shared->starter),
					 name,
					 input,
					 shared->trace_header != NULL ? CStringGetTextDatum(shared->trace_header) : (Datum) 0,
					 TimestampTzGetDatum(shared->start_date),
					 Int32GetDatum(machine->version),
					 machine->alias != NULL ? CStringGetTextDatum(machine->alias) : (Datum) 0};

	nulls[5] = shared->trace_header != NULL ? ' ' : 'n';
	nulls[7] = machine->version != 0 ? ' ' : 'n';
	nulls[8] = machine->alias != NULL ? ' ' : 'n';
	if (store_run(&query, args, nulls, 0) == 0)
		return 0;
	wakeup_at_commit();
	return store_int64(0, ONLY_COLUMN);
}
