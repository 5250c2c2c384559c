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

#define GIVEN \
	"state_machine_id", "revision_id", "starter", "start_date", "name", "input", "version", "alias", "trace_header", \
		"has_parent", "express_id"

/* What is true of all rows of a table keeps them out of its partial indexes: names of ours are in none. */
static DirectTable execution_table = {"execution", {GIVEN}};
static DirectTable named_table = {"execution", {GIVEN, "is_named"}};
static DirectTable inbox_table = {"inbox", {"execution_id", "due"}, "kind", EVENT_START};

#define EXECUTION_COLUMNS 11
#define INBOX_COLUMNS 2

static void store_directly(const NewExecutions *shared, int count, const NewExecution *executions, bool is_named);
static void store_by_statement(const NewExecutions *shared, int count, const NewExecution *executions, bool is_named);

static bool
is_possible_directly(DirectTable *table)
{
	return direct_insert_is_possible(&inbox_table) && direct_insert_is_possible(table);
}

bool
new_executions_are_direct(void)
{
	return is_possible_directly(&execution_table) && !inbox_table.has_expressions && !execution_table.has_expressions;
}

void
new_executions_store(const NewExecutions *shared, int count, const NewExecution *executions)
{
	bool is_named = executions[0].name.is_chosen;

	if (is_possible_directly(is_named ? &named_table : &execution_table))
		store_directly(shared, count, executions, is_named);
	else
		store_by_statement(shared, count, executions, is_named);
	wakeup_at_commit();
}

static void
store_directly(const NewExecutions *shared, int count, const NewExecution *executions, bool is_named)
{
	const MachineRow *machine = shared->machine;
	Datum trace_header = shared->trace_header != NULL ? CStringGetTextDatum(shared->trace_header) : (Datum) 0;
	Datum alias = machine->alias != NULL ? CStringGetTextDatum(machine->alias) : (Datum) 0;
	int columns = EXECUTION_COLUMNS + (is_named ? 1 : 0);
	Datum *values = palloc(sizeof(Datum) * columns * count);
	bool *nulls = palloc0(sizeof(bool) * columns * count);
	int64 *ids = palloc(sizeof(int64) * count);

	for (int i = 0; i < count; i++)
	{
		const NewName *name = &executions[i].name;
		Datum *row = values + i * columns;
		bool *row_nulls = nulls + i * columns;

		ids[i] = name->id;
		row[0] = Int64GetDatum(machine->id);
		row[1] = Int64GetDatum(machine->revision_id);
		row[2] = ObjectIdGetDatum(shared->starter);
		row[3] = TimestampTzGetDatum(shared->start_date);
		row[4] = CStringGetTextDatum(name->name);
		row[5] = executions[i].input;
		row[6] = Int32GetDatum(machine->version);
		row_nulls[6] = machine->version == 0;
		row[7] = alias;
		row_nulls[7] = machine->alias == NULL;
		row[8] = trace_header;
		row_nulls[8] = shared->trace_header == NULL;
		row[9] = BoolGetDatum(shared->has_parent);
		row[10] = UUIDPGetDatum(&name->express_id);
		row_nulls[10] = !name->is_express;
		if (is_named)
			row[11] = BoolGetDatum(true);
	}
	direct_insert(is_named ? &named_table : &execution_table, count, values, nulls, ids);

	memset(nulls, 0, sizeof(bool) * INBOX_COLUMNS * count);
	for (int i = 0; i < count; i++)
	{
		Datum *row = values + i * INBOX_COLUMNS;

		row[0] = Int64GetDatum(ids[i]);
		row[1] = TimestampTzGetDatum(shared->start_date);
	}
	direct_insert(&inbox_table, count, values, nulls, NULL);
}

/* Arrays of what differs: ids, names, UUIDs, inputs. */
static void
gather_arrays(int count, const NewExecution *executions, Datum *arrays)
{
	Datum *values = palloc(sizeof(Datum) * 4 * count);
	bool *nulls = palloc0(sizeof(bool) * count);
	int dims[1] = {count};
	int lower_bounds[1] = {1};

	for (int i = 0; i < count; i++)
	{
		const NewName *name = &executions[i].name;

		values[i] = Int64GetDatum(name->id);
		values[count + i] = CStringGetTextDatum(name->name);
		values[2 * count + i] = UUIDPGetDatum(&name->express_id);
		nulls[i] = !name->is_express;
		values[3 * count + i] = executions[i].input;
	}
	arrays[0] = PointerGetDatum(construct_array(values, count, INT8OID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	arrays[1] = PointerGetDatum(construct_array(values + count, count, TEXTOID, -1, false, TYPALIGN_INT));
	arrays[2] = PointerGetDatum(
		construct_md_array(values + 2 * count, nulls, 1, dims, lower_bounds, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
	arrays[3] = PointerGetDatum(construct_array(values + 3 * count, count, JSONOID, -1, false, TYPALIGN_INT));
}

/* ---- by a statement ---- */

#define STATEMENT(ON_CONFLICT) \
	{ \
		"WITH started AS (" \
		" INSERT INTO sfn.execution (id, state_machine_id, revision_id, starter, start_date, name, express_id, input," \
		" version, alias, trace_header, is_named) OVERRIDING SYSTEM VALUE" \
		" SELECT v.id, $1, $2, $3, $4, v.name, v.express_id, v.input, $9, $10, $11, $12" \
		" FROM unnest($5, $6, $7, $8) v (id, name, express_id, input)" ON_CONFLICT " RETURNING id, start_date)," \
		" queued AS (INSERT INTO sfn.inbox (execution_id, due, kind) SELECT id, start_date, :EVENT_START FROM started)" \
		" SELECT id FROM started", \
			12, {INT8OID,      INT8OID,      OIDOID,  TIMESTAMPTZOID, INT8ARRAYOID, TEXTARRAYOID, \
				 UUIDARRAYOID, JSONARRAYOID, INT4OID, TEXTOID,        TEXTOID,      BOOLOID}, \
			.scans = true \
	}

/* The ids of what is stored are the last result. */
static uint64
run_statement(StoreQuery *query, const NewExecutions *shared, int count, const NewExecution *executions, bool is_named)
{
	const MachineRow *machine = shared->machine;
	char nulls[13] = "            ";
	Datum args[12] = {Int64GetDatum(machine->id), Int64GetDatum(machine->revision_id),
					  ObjectIdGetDatum(shared->starter), TimestampTzGetDatum(shared->start_date)};

	gather_arrays(count, executions, &args[4]);
	args[8] = Int32GetDatum(machine->version);
	nulls[8] = machine->version != 0 ? ' ' : 'n';
	args[9] = machine->alias != NULL ? CStringGetTextDatum(machine->alias) : (Datum) 0;
	nulls[9] = machine->alias != NULL ? ' ' : 'n';
	args[10] = shared->trace_header != NULL ? CStringGetTextDatum(shared->trace_header) : (Datum) 0;
	nulls[10] = shared->trace_header != NULL ? ' ' : 'n';
	args[11] = BoolGetDatum(is_named);
	return store_run(query, args, nulls, 0);
}

static void
store_by_statement(const NewExecutions *shared, int count, const NewExecution *executions, bool is_named)
{
	static StoreQuery query = STATEMENT("");
	uint64 stored = run_statement(&query, shared, count, executions, is_named);

	if (stored != (uint64) count)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("only " UINT64_FORMAT " of %d new executions are in the table sfn.execution", stored, count),
				 errhint("A trigger or rule of that table keeps rows out.")));
}

void
new_executions_store_chosen(const NewExecutions *shared, int count, const NewExecution *executions, bool *is_taken)
{
	static StoreQuery query = STATEMENT(" ON CONFLICT (state_machine_id, name, express_id) WHERE is_named DO NOTHING");
	uint64 stored = run_statement(&query, shared, count, executions, true);
	uint64 row = 0;

	/* What is stored comes back in the order in which it was given. */
	for (int i = 0; i < count; i++)
	{
		is_taken[i] = row >= stored || store_int64(row, ONLY_COLUMN) != executions[i].name.id;
		row += !is_taken[i];
	}
	if (stored > 0)
		wakeup_at_commit();
}
