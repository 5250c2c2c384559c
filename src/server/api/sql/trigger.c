/*
 * trigger.c
 *	  sfn.start_execution_on_change(): executions for changed rows; sfn.allow_trigger().
 *
 *	CREATE TRIGGER ... AFTER INSERT ... EXECUTE FUNCTION sfn.start_execution_on_change('machine' [, 'batch'])
 *
 * At row level, one execution for the row.  At statement level, one for each row
 * of the transition tables, or with 'batch' one whose "new" and "old" are arrays.
 * The right to start is the table owner's, so that whoever may change the table
 * need not know of the state machine, and that of who made the trigger (actions/change_triggers.h).
 */
#include "postgres.h"

#include "commands/trigger.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"

#include "actions/change_triggers.h"
#include "actions/start.h"
#include "api/arguments.h"
#include "api/errors.h"
#include "store/sql_version.h"

#define ROWS_AT_ONCE 200
#define BYTES_AT_ONCE (1024 * 1024)

typedef struct ChangeTrigger
{
	ActionCall call;
	const TriggerData *data;
	MemoryContext context;     /* of this firing */
	const MachineRow *machine; /* looked up for the first execution */
	Oid table_owner;
	bool is_batch;
} ChangeTrigger;

static void require_usable_trigger(ChangeTrigger *change, const TriggerData *data);
static void start_for_row(ChangeTrigger *change);
static void start_for_statement(ChangeTrigger *change);

SFN_FUNCTION(sfn_start_execution_on_change)
{
	ChangeTrigger change = {.call = {ACTION_SQL, "StartExecution"}};
	MemoryContext caller_context;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("sfn.start_execution_on_change() can only be called as a trigger")));
	require_usable_trigger(&change, (const TriggerData *) fcinfo->context);

	change.context = AllocSetContextCreate(CurrentMemoryContext, "sfn trigger", ALLOCSET_DEFAULT_SIZES);
	caller_context = MemoryContextSwitchTo(change.context);
	if (TRIGGER_FIRED_FOR_ROW(change.data->tg_event))
		start_for_row(&change);
	else
		start_for_statement(&change);
	MemoryContextSwitchTo(caller_context);
	MemoryContextDelete(change.context);
	return PointerGetDatum(NULL);
}

/* Takes the trigger's arguments; errors name what is wrong with its definition. */
static void
require_usable_trigger(ChangeTrigger *change, const TriggerData *data)
{
	const Trigger *trigger = data->tg_trigger;

	change->data = data;
	change->table_owner = data->tg_relation->rd_rel->relowner;
	change->is_batch = trigger->tgnargs == 2 && strcmp(trigger->tgargs[1], "batch") == 0;

	if (trigger->tgnargs < 1 || trigger->tgnargs > 2 || (trigger->tgnargs == 2 && !change->is_batch))
		api_error(&change->call, API_INVALID_TRIGGER, psprintf("trigger \"%s\" has wrong arguments", trigger->tgname),
				  "The first argument names the state machine; the second, if any, is 'batch'.");
	if (!TRIGGER_FIRED_AFTER(data->tg_event))
		api_error(&change->call, API_INVALID_TRIGGER,
				  psprintf("trigger \"%s\" does not fire after the change", trigger->tgname),
				  "Create it as an AFTER trigger.");
	if (change->is_batch && TRIGGER_FIRED_FOR_ROW(data->tg_event))
		api_error(&change->call, API_INVALID_TRIGGER,
				  psprintf("trigger \"%s\" fires for each row and cannot take 'batch'", trigger->tgname),
				  "Create it FOR EACH STATEMENT with REFERENCING NEW TABLE AS or OLD TABLE AS.");
}

/* ---- the input ---- */

static const char *
operation_name(TriggerEvent event)
{
	if (TRIGGER_FIRED_BY_INSERT(event))
		return "INSERT";
	if (TRIGGER_FIRED_BY_UPDATE(event))
		return "UPDATE";
	return TRIGGER_FIRED_BY_DELETE(event) ? "DELETE" : "TRUNCATE";
}

static void
begin_input(StringInfo input, const ChangeTrigger *change)
{
	appendStringInfo(input, "{\"operation\":\"%s\",\"schema\":", operation_name(change->data->tg_event));
	escape_json(input, get_namespace_name(RelationGetNamespace(change->data->tg_relation)));
	appendStringInfoString(input, ",\"table\":");
	escape_json(input, RelationGetRelationName(change->data->tg_relation));
}

/* The row as row_to_json() prints it. */
static void
append_row(StringInfo input, HeapTuple row, TupleDesc columns)
{
	Datum composite = heap_copy_tuple_as_datum(row, columns);
	text *json = DatumGetTextPP(DirectFunctionCall1(row_to_json, composite));

	appendBinaryStringInfo(input, VARDATA_ANY(json), VARSIZE_ANY_EXHDR(json));
}

static void
append_member(StringInfo input, const char *name, HeapTuple row, TupleDesc columns)
{
	appendStringInfo(input, ",\"%s\":", name);
	append_row(input, row, columns);
}

/* The machine, if it may be started; looked up for the first execution. */
static const MachineRow *
change_machine(ChangeTrigger *change)
{
	MemoryContext caller_context;

	if (change->machine != NULL)
		return change->machine;
	caller_context = MemoryContextSwitchTo(change->context);
	change->machine = trigger_machine(&change->call, change->data->tg_trigger, change->data->tg_relation);
	api_check(&change->call, change->machine != NULL);
	MemoryContextSwitchTo(caller_context);
	return change->machine;
}

/* Starts executions in the name of the table's owner. */
static void
start_all(ChangeTrigger *change, const StringInfoData *inputs, int count)
{
	ExecutionStarter starter;

	if (count == 0)
		return;
	api_enter(&change->call, ACTION_SQL, "StartExecution");
	api_check(&change->call, starter_begin(&starter, &change->call, change_machine(change), change->table_owner));
	for (int i = 0; i < count; i++)
		api_check(&change->call, starter_add(&starter, NULL, inputs[i].data, inputs[i].len) != NULL);
	api_check(&change->call, starter_end(&starter));
	api_leave(&change->call);
}

/* ---- row level ---- */

static void
start_for_row(ChangeTrigger *change)
{
	const TriggerData *data = change->data;
	TupleDesc columns = RelationGetDescr(data->tg_relation);
	bool is_update = TRIGGER_FIRED_BY_UPDATE(data->tg_event);
	StringInfoData input;

	initStringInfo(&input);
	begin_input(&input, change);
	if (is_update)
		append_member(&input, "new", data->tg_newtuple, columns);
	else if (TRIGGER_FIRED_BY_INSERT(data->tg_event))
		append_member(&input, "new", data->tg_trigtuple, columns);
	if (is_update || TRIGGER_FIRED_BY_DELETE(data->tg_event))
		append_member(&input, "old", data->tg_trigtuple, columns);
	appendStringInfoChar(&input, '}');
	start_all(change, &input, 1);
}

/* ---- statement level ---- */

/* The rows of a transition table, read with a cursor of our own; table NULL: there is none. */
typedef struct TransitionRows
{
	Tuplestorestate *table;
	TupleTableSlot *slot;
	int cursor;
} TransitionRows;

static void
rows_begin(TransitionRows *rows, Tuplestorestate *table, TupleDesc columns)
{
	rows->table = table;
	if (table == NULL)
		return;
	rows->cursor = tuplestore_alloc_read_pointer(table, EXEC_FLAG_REWIND);
	rows->slot = MakeSingleTupleTableSlot(columns, &TTSOpsMinimalTuple);
	tuplestore_select_read_pointer(table, rows->cursor);
	tuplestore_rescan(table);
}

/* The next row, copied into the current context; NULL at the end. */
static HeapTuple
rows_next(TransitionRows *rows)
{
	if (rows->table == NULL)
		return NULL;
	tuplestore_select_read_pointer(rows->table, rows->cursor);
	if (!tuplestore_gettupleslot(rows->table, true, false, rows->slot))
		return NULL;
	return ExecCopySlotHeapTuple(rows->slot);
}

static void
rows_end(TransitionRows *rows)
{
	if (rows->table != NULL)
		ExecDropSingleTupleTableSlot(rows->slot);
}

/* The input for the next row of each table; false: there is none.  New and old rows of an update come in pairs. */
static bool
next_input(ChangeTrigger *change, TransitionRows *new_rows, TransitionRows *old_rows, StringInfo input)
{
	TupleDesc columns = RelationGetDescr(change->data->tg_relation);
	HeapTuple new_row = rows_next(new_rows);
	HeapTuple old_row = rows_next(old_rows);

	if (new_row == NULL && old_row == NULL)
		return false;
	initStringInfo(input);
	begin_input(input, change);
	if (new_row != NULL)
		append_member(input, "new", new_row, columns);
	if (old_row != NULL)
		append_member(input, "old", old_row, columns);
	appendStringInfoChar(input, '}');
	return true;
}

/*
 * One execution for each row.  The rows are turned into JSON with the store left,
 * as the one who changes the table: what their output functions do is no business
 * of ours.
 */
static void
start_for_each(ChangeTrigger *change, TransitionRows *new_rows, TransitionRows *old_rows)
{
	MemoryContext row_context = AllocSetContextCreate(change->context, "sfn trigger row", ALLOCSET_DEFAULT_SIZES);
	bool has_more = true;

	while (has_more)
	{
		StringInfoData inputs[ROWS_AT_ONCE];
		int count = 0;
		int bytes = 0;

		MemoryContextSwitchTo(row_context);
		while (count < ROWS_AT_ONCE && bytes < BYTES_AT_ONCE &&
			   (has_more = next_input(change, new_rows, old_rows, &inputs[count])))
		{
			CHECK_FOR_INTERRUPTS();
			bytes += inputs[count++].len;
		}
		start_all(change, inputs, count);
		MemoryContextSwitchTo(change->context);
		MemoryContextReset(row_context);
	}
}

static int
append_rows(StringInfo input, const char *name, TransitionRows *rows, TupleDesc columns)
{
	HeapTuple row;
	int count = 0;

	if (rows->table == NULL)
		return 0;
	appendStringInfo(input, ",\"%s\":[", name);
	while ((row = rows_next(rows)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		if (count++ > 0)
			appendStringInfoChar(input, ',');
		append_row(input, row, columns);
		heap_freetuple(row);
	}
	appendStringInfoChar(input, ']');
	return count;
}

/* One execution for all rows, unless there are none. */
static void
start_for_batch(ChangeTrigger *change, TransitionRows *new_rows, TransitionRows *old_rows)
{
	TupleDesc columns = RelationGetDescr(change->data->tg_relation);
	StringInfoData input;
	int count;

	initStringInfo(&input);
	begin_input(&input, change);
	count = append_rows(&input, "new", new_rows, columns);
	count += append_rows(&input, "old", old_rows, columns);
	appendStringInfoChar(&input, '}');
	start_all(change, &input, count > 0 ? 1 : 0);
}

static void
start_for_statement(ChangeTrigger *change)
{
	const TriggerData *data = change->data;
	TupleDesc columns = RelationGetDescr(data->tg_relation);
	TransitionRows new_rows;
	TransitionRows old_rows;

	if (TRIGGER_FIRED_BY_TRUNCATE(data->tg_event))
	{
		StringInfoData input;

		initStringInfo(&input);
		begin_input(&input, change);
		appendStringInfoChar(&input, '}');
		start_all(change, &input, 1);
		return;
	}
	if (data->tg_newtable == NULL && data->tg_oldtable == NULL)
		api_error(&change->call, API_INVALID_TRIGGER,
				  psprintf("trigger \"%s\" has no transition table", data->tg_trigger->tgname),
				  "Add REFERENCING NEW TABLE AS or OLD TABLE AS, or create it FOR EACH ROW.");

	rows_begin(&new_rows, data->tg_newtable, columns);
	rows_begin(&old_rows, data->tg_oldtable, columns);
	if (change->is_batch)
		start_for_batch(change, &new_rows, &old_rows);
	else
		start_for_each(change, &new_rows, &old_rows);
	rows_end(&new_rows);
	rows_end(&old_rows);
}

/* ---- allow_trigger(table, trigger) ---- */

SFN_FUNCTION(sfn_allow_trigger)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "AllowTrigger");
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		api_error(&call, API_VALIDATION, "", "table and trigger must not be null");
	api_check(&call, trigger_allow(&call, PG_GETARG_OID(0), NameStr(*PG_GETARG_NAME(1))));
	api_leave(&call);
	PG_RETURN_VOID();
}
