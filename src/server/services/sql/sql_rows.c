/*
 * sql_rows.c
 *	  The rows of a task's statement as JSON, taken one by one and no more than a result may have.
 *
 * The executor hands over each row as it comes, so that a statement with far too many is
 * ended when the limit is passed and memory is bounded by the limit, not by the statement.
 * What a value will be as JSON is known only afterwards; values that are many
 * times larger than the limit are refused before they are read or converted.
 */
#include "postgres.h"

#include "access/detoast.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "utils/memutils.h"

#include "engine/dataflow.h"
#include "services/sql/sql_rows.h"
#include "services/sql/sql_task.h"
#include "settings/guc.h"

/* The JSON text of a value is not shorter than this part of what the server stores, whatever the type. */
#define LEAST_TEXT_PART 16

typedef struct RowReceiver
{
	DestReceiver base;
	RowStyle style;
	MemoryContext context; /* of the values */
	MemoryContext scratch; /* of one row */
	TupleDesc columns;     /* of a statement that has begun */
	JvArrayBuilder rows;
	int64 left; /* bytes */
} RowReceiver;

static void receiver_startup(DestReceiver *self, int operation, TupleDesc columns);
static bool receiver_take(TupleTableSlot *slot, DestReceiver *self);
static const JsonVal *row_value(RowReceiver *receiver, TupleTableSlot *slot);
static Datum row_as_json(RowReceiver *receiver, TupleTableSlot *slot);
static void check_stored_sizes(TupleTableSlot *slot);
static void receiver_shutdown(DestReceiver *self);
static void fail_too_large(void);

int
sql_rows_execute(SPIPlanPtr plan, ParamListInfo params, RowStyle style, MemoryContext context, const JsonVal **rows,
				 uint64 *row_count)
{
	RowReceiver receiver = {.base = {.receiveSlot = receiver_take,
									 .rStartup = receiver_startup,
									 .rShutdown = receiver_shutdown,
									 .rDestroy = receiver_shutdown,
									 .mydest = DestTuplestore},
							.style = style,
							.context = context,
							.left = sfn_max_payload_size};
	SPIExecuteOptions options = {.params = params, .dest = &receiver.base};
	int outcome;

	MemoryContextSwitchTo(context);
	receiver.scratch = AllocSetContextCreate(context, "sfn row", ALLOCSET_DEFAULT_SIZES);
	jv_array_begin(&receiver.rows);
	outcome = SPI_execute_plan_extended(plan, &options);
	MemoryContextSwitchTo(context); /* SPI leaves its own */
	MemoryContextDelete(receiver.scratch);

	*rows = jv_array_end(&receiver.rows);
	*row_count = Max(SPI_processed, (uint64) (*rows)->count); /* what SHOW and the like give is not counted by SPI */
	return outcome;
}

void
sql_rows_check_size(const JsonVal *result)
{
	if (jv_text_size(result, sfn_max_payload_size) > sfn_max_payload_size)
		fail_too_large();
}

/* Of several statements that a rule makes of one, or of several in one text, the last one counts. */
static void
receiver_startup(DestReceiver *self, int operation, TupleDesc columns)
{
	RowReceiver *receiver = (RowReceiver *) self;
	MemoryContext caller_context = MemoryContextSwitchTo(receiver->context);

	(void) operation;
	jv_array_begin(&receiver->rows);
	receiver->left = sfn_max_payload_size;
	receiver->columns = CreateTupleDescCopy(columns);
	MemoryContextSwitchTo(caller_context);
}

static bool
receiver_take(TupleTableSlot *slot, DestReceiver *self)
{
	RowReceiver *receiver = (RowReceiver *) self;
	MemoryContext caller_context;
	const JsonVal *value;

	check_stored_sizes(slot);
	MemoryContextReset(receiver->scratch);
	caller_context = MemoryContextSwitchTo(receiver->scratch);
	value = row_value(receiver, slot);
	MemoryContextSwitchTo(receiver->context);
	receiver->left -= jv_text_size(value, Max(receiver->left, 0)) + 1;
	if (receiver->left < -2) /* the last comma is none, and brackets count for the whole */
		fail_too_large();
	jv_array_add(&receiver->rows, value);
	MemoryContextSwitchTo(caller_context);
	return true;
}

/* The value and the text that it refers to, in the receiver's context; what else it takes, in the current one. */
static const JsonVal *
row_value(RowReceiver *receiver, TupleTableSlot *slot)
{
	Oid type = TupleDescAttr(receiver->columns, 0)->atttypid;
	bool is_plain = receiver->style == ROW_FIRST_COLUMN && (type == JSONOID || type == JSONBOID);
	const JsonVal *value;
	Datum json;

	if (receiver->style == ROW_FIRST_COLUMN && (slot->tts_isnull[0] || type == VOIDOID))
		return jv_null();
	json = is_plain ? slot->tts_values[0] : row_as_json(receiver, slot);
	MemoryContextSwitchTo(receiver->context);
	value = sql_task_value(json, is_plain ? type : JSONOID);
	return receiver->style == ROW_FIRST_COLUMN && !is_plain ? value->u.members[0].value : value;
}

static Datum
row_as_json(RowReceiver *receiver, TupleTableSlot *slot)
{
	bool is_copy;

	return sql_task_row(ExecFetchSlotHeapTuple(slot, false, &is_copy), receiver->columns);
}

/* Is one of the values by far too large to become a result? */
static void
check_stored_sizes(TupleTableSlot *slot)
{
	int64 most = (int64) sfn_max_payload_size * LEAST_TEXT_PART;

	slot_getallattrs(slot);
	for (int i = 0; i < slot->tts_tupleDescriptor->natts; i++)
	{
		if (!slot->tts_isnull[i] && TupleDescAttr(slot->tts_tupleDescriptor, i)->attlen == -1 &&
			(int64) toast_raw_datum_size(slot->tts_values[i]) > most)
			fail_too_large();
	}
}

static void
receiver_shutdown(DestReceiver *self)
{
	(void) self;
}

static void
fail_too_large(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_SFN_RESULT_TOO_LARGE),
			 errmsg("the result is larger than the %d bytes that are allowed", sfn_max_payload_size)));
}
