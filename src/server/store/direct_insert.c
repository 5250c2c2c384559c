/*
 * direct_insert.c
 *	  Rows into the extension's own tables without a statement.
 *
 * Starting an execution inserts two narrow rows.  A statement for that takes several
 * times longer than the rows, so they go to the heap and the indexes as the server's
 * catalogs do.  Only what the extension itself has made can be served so.  What
 * others may have added to a table since (a trigger, a check, a computed column) is for a
 * statement; whether there is any such thing is
 * found out once and again after any relation has changed.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_type.h"
#include "commands/sequence.h"
#include "executor/executor.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "rewrite/rewriteHandler.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "settings/compat.h"
#include "settings/guc.h"
#include "store/direct_insert.h"
#include "store/store.h"

#define ROWS_AT_ONCE 200

/* What an index computes from a row. */
typedef struct Evaluation
{
	EState *state;
	TupleTableSlot *slot;
	ExprState *predicate; /* or NULL */
} Evaluation;

static void learn(DirectTable *table);
static bool relation_is_plain(Relation relation);
static bool learn_indexes(DirectTable *table, Relation relation);
static bool learn_columns(DirectTable *table, Relation relation);
static bool learn_default(DirectTable *table, Relation relation, AttrNumber number);
static void form_row(DirectTable *table, const int64 *id, const Datum *values, const bool *nulls, Datum *row,
					 bool *row_nulls);
static void insert_into_heap(Relation relation, int count, HeapTuple *rows);
static void insert_into_index(Relation relation, Oid index_id, int count, HeapTuple *rows);
static void evaluation_begin(Evaluation *evaluation, Relation relation, IndexInfo *info);
static bool evaluation_keys(Evaluation *evaluation, IndexInfo *info, HeapTuple row, Datum *keys, bool *nulls);
static void evaluation_end(Evaluation *evaluation);

/*
 * Says no to whom an INSERT would, and takes its lock, so that nothing found out here changes before the
 * transaction ends: an index that is built meanwhile is not filled before that.
 */
bool
direct_insert_is_possible(DirectTable *table)
{
	store_refuse_standby();
	PreventCommandIfReadOnly("INSERT");
	PreventCommandIfParallelMode("INSERT");
	if (!sfn_direct_inserts)
		return false;
	if (table->watch.is_current)
		LockRelationOid(table->relation, RowExclusiveLock);
	if (!table->watch.is_current)
		learn(table);
	return table->is_plain;
}

void
direct_insert(DirectTable *table, int count, const Datum *values, const bool *nulls, const int64 *ids)
{
	Relation relation;
	HeapTuple *rows = palloc(sizeof(HeapTuple) * count);

	Assert(table->is_plain && count <= DIRECT_MAX_ROWS);

	relation = table_open(table->relation, NoLock);
	for (int i = 0; i < count; i++)
	{
		Datum row[DIRECT_MAX_COLUMNS];
		bool row_nulls[DIRECT_MAX_COLUMNS];

		form_row(table, ids != NULL ? &ids[i] : NULL, values + (Size) i * table->given_count,
				 nulls + (Size) i * table->given_count, row, row_nulls);
		rows[i] = heap_form_tuple(RelationGetDescr(relation), row, row_nulls);
	}

	insert_into_heap(relation, count, rows);
	for (int i = 0; i < table->index_count; i++)
		insert_into_index(relation, table->indexes[i], count, rows);
	table_close(relation, NoLock);
	CommandCounterIncrement();
}

/* ---- what is known about a table ---- */

static void
learn(DirectTable *table)
{
	Oid schema = get_namespace_oid("sfn", true);
	Relation relation;

	table->is_plain = false;
	table->relation = OidIsValid(schema) ? get_relname_relid(table->name, schema) : InvalidOid;
	if (!OidIsValid(table->relation))
		return;

	relation = try_table_open(table->relation, RowExclusiveLock);
	if (relation == NULL)
		return;
	relation_watch(&table->watch, table->relation); /* before the look: a change meanwhile undoes it */
	table->is_plain = relation_is_plain(relation) && learn_columns(table, relation) && learn_indexes(table, relation);
	table_close(relation, NoLock);
}

static bool
has_insert_trigger(const TriggerDesc *triggers)
{
	return triggers != NULL &&
		(triggers->trig_insert_before_row || triggers->trig_insert_after_row || triggers->trig_insert_instead_row ||
		 triggers->trig_insert_before_statement || triggers->trig_insert_after_statement ||
		 triggers->trig_insert_new_table);
}

static bool
relation_is_plain(Relation relation)
{
	const TupleConstr *constraints = RelationGetDescr(relation)->constr;

	return relation->rd_rel->relkind == RELKIND_RELATION && !relation->rd_rel->relispartition &&
		relation->rd_rel->relam == HEAP_TABLE_AM_OID && relation->rd_rules == NULL &&
		!has_insert_trigger(relation->trigdesc) && (constraints == NULL || constraints->num_check == 0);
}

/* A column that has the same value in all our rows becomes that value. */
static Node *
with_known_values(Node *node, void *table_of_rows)
{
	const DirectTable *table = table_of_rows;
	const Var *var = (const Var *) node;
	int place;

	if (node == NULL)
		return NULL;
	if (!IsA(node, Var))
		return expression_tree_mutator(node, with_known_values, table_of_rows);
	place = var->varattno - 1;
	if (place < 0 || !table->is_same[place])
		return (Node *) copyObject(var);
	return (Node *) makeConst(var->vartype, var->vartypmod, var->varcollid, get_typlen(var->vartype),
							  table->defaults[place], table->default_nulls[place], get_typbyval(var->vartype));
}

/* Do no rows of ours go into an index with that predicate?  It may also turn out that all do, or that it depends. */
static bool
never_holds(DirectTable *table, const List *predicate, bool *depends)
{
	Node *simplified =
		eval_const_expressions(NULL, with_known_values((Node *) make_ands_explicit((List *) predicate), table));
	const Const *known = IsA(simplified, Const) ? (const Const *) simplified : NULL;

	*depends = known == NULL;
	return known != NULL && (known->constisnull || !DatumGetBool(known->constvalue));
}

/*
 * One that is still being built is for a statement, which looks anew each time: that it is to be filled from now on is
 * told of the index, not of the table.
 */
static bool
learn_index(DirectTable *table, Relation index)
{
	const IndexInfo *info = BuildIndexInfo(index);
	bool depends;

	if (!info->ii_ReadyForInserts)
		return false;
	if (never_holds(table, info->ii_Predicate, &depends))
		return true;
	if (info->ii_ExclusionOps != NULL || !index->rd_index->indimmediate || table->index_count == DIRECT_MAX_INDEXES)
		return false;
	if (depends || info->ii_Expressions != NIL)
		table->has_expressions = true;
	table->indexes[table->index_count++] = RelationGetRelid(index);
	return true;
}

static bool
learn_indexes(DirectTable *table, Relation relation)
{
	List *indexes = RelationGetIndexList(relation);
	ListCell *cell;
	bool result = true;

	table->index_count = 0;
	table->has_expressions = false;
	foreach(cell, indexes)
	{
		Relation index = index_open(lfirst_oid(cell), RowExclusiveLock);

		result = result && learn_index(table, index);
		index_close(index, NoLock);
	}
	list_free(indexes);
	return result;
}

/* Where the given columns are, and what goes into the others. */
static bool
learn_columns(DirectTable *table, Relation relation)
{
	TupleDesc columns = RelationGetDescr(relation);

	if (columns->natts > DIRECT_MAX_COLUMNS)
		return false;
	table->column_count = columns->natts;
	table->identity = InvalidAttrNumber;
	memset(table->places, 0, sizeof(table->places));
	for (table->given_count = 0; table->columns[table->given_count] != NULL; table->given_count++)
		;
	for (AttrNumber number = 1; number <= columns->natts; number++)
	{
		Form_pg_attribute column = TupleDescAttr(columns, number - 1);
		int given = 0;

		table->defaults[number - 1] = (Datum) 0;
		table->default_nulls[number - 1] = true;
		table->is_same[number - 1] = false;
		if (column->attisdropped)
			continue;
		while (given < table->given_count && strcmp(table->columns[given], NameStr(column->attname)) != 0)
			given++;
		if (given < table->given_count)
			table->places[given] = number;
		else if (!learn_default(table, relation, number))
			return false;
		else
			table->is_same[number - 1] = number != table->identity;
	}
	for (int given = 0; given < table->given_count; given++)
		if (table->places[given] == InvalidAttrNumber)
			return false;
	return true;
}

/* False: the default has to be worked out for each row. */
static bool
learn_default(DirectTable *table, Relation relation, AttrNumber number)
{
	Form_pg_attribute column = TupleDescAttr(RelationGetDescr(relation), number - 1);
	Node *expression;

	if (table->fixed_column != NULL && strcmp(table->fixed_column, NameStr(column->attname)) == 0)
	{
		table->defaults[number - 1] = Int16GetDatum(table->fixed_value);
		table->default_nulls[number - 1] = false;
		return column->atttypid == INT2OID;
	}
	if (column->attgenerated != '\0' || (column->attidentity != '\0' && table->identity != InvalidAttrNumber))
		return false;
	if (column->attidentity != '\0')
	{
		table->identity = number;
		table->sequence = sfn_identity_sequence(relation, number);
		return column->atttypid == INT8OID;
	}
	if (!column->atthasdef)
		return !column->attnotnull && get_typtype(column->atttypid) != TYPTYPE_DOMAIN;

	expression = build_column_default(relation, number);
	expression = expression != NULL ? (Node *) expression_planner((Expr *) expression) : NULL;
	if (expression == NULL || !IsA(expression, Const) || !column->attbyval)
		return false;
	table->defaults[number - 1] = ((Const *) expression)->constvalue;
	table->default_nulls[number - 1] = ((Const *) expression)->constisnull;
	return !table->default_nulls[number - 1] || !column->attnotnull;
}

/* ---- inserting ---- */

static void
form_row(DirectTable *table, const int64 *id, const Datum *values, const bool *nulls, Datum *row, bool *row_nulls)
{
	memcpy(row, table->defaults, sizeof(Datum) * table->column_count);
	memcpy(row_nulls, table->default_nulls, sizeof(bool) * table->column_count);
	if (table->identity != InvalidAttrNumber)
	{
		row[table->identity - 1] = Int64GetDatum(id != NULL ? *id : nextval_internal(table->sequence, false));
		row_nulls[table->identity - 1] = false;
	}
	for (int given = 0; given < table->given_count; given++)
	{
		row[table->places[given] - 1] = values[given];
		row_nulls[table->places[given] - 1] = nulls[given];
	}
}

/* Fills each row's place. */
static void
insert_into_heap(Relation relation, int count, HeapTuple *rows)
{
	CommandId command = GetCurrentCommandId(true);
	TupleTableSlot *slots[ROWS_AT_ONCE];
	int slot_count = Min(count, ROWS_AT_ONCE);
	TupleDesc columns;

	if (count == 1)
	{
		heap_insert(relation, rows[0], command, 0, NULL);
		return;
	}
	columns = CreateTupleDescCopy(RelationGetDescr(relation)); /* that of the relation counts its references, slowly */
	for (int i = 0; i < slot_count; i++)
		slots[i] = MakeSingleTupleTableSlot(columns, &TTSOpsHeapTuple);
	for (int first = 0; first < count; first += ROWS_AT_ONCE)
	{
		int these = Min(count - first, ROWS_AT_ONCE);

		for (int i = 0; i < these; i++)
			ExecStoreHeapTuple(rows[first + i], slots[i], false);
		heap_multi_insert(relation, slots, these, command, 0, NULL);
		for (int i = 0; i < these; i++)
			rows[first + i]->t_self = slots[i]->tts_tid;
	}
	for (int i = 0; i < slot_count; i++)
		ExecDropSingleTupleTableSlot(slots[i]);
	FreeTupleDesc(columns);
}

static void
insert_into_index(Relation relation, Oid index_id, int count, HeapTuple *rows)
{
	Relation index = index_open(index_id, RowExclusiveLock);
	IndexInfo *info = BuildIndexInfo(index);
	IndexUniqueCheck check = index->rd_index->indisunique ? UNIQUE_CHECK_YES : UNIQUE_CHECK_NO;
	bool evaluates = info->ii_Expressions != NIL || info->ii_Predicate != NIL;
	Evaluation evaluation;

	if (evaluates)
		evaluation_begin(&evaluation, relation, info);
	for (int i = 0; i < count; i++)
	{
		Datum keys[INDEX_MAX_KEYS];
		bool nulls[INDEX_MAX_KEYS];

		if (evaluates && !evaluation_keys(&evaluation, info, rows[i], keys, nulls))
			continue;
		for (int key = 0; key < info->ii_NumIndexAttrs && !evaluates; key++)
			keys[key] = fastgetattr(rows[i], info->ii_IndexAttrNumbers[key], RelationGetDescr(relation), &nulls[key]);
		(void) index_insert(index, keys, nulls, &rows[i]->t_self, relation, check, false, info);
	}
	if (evaluates)
		evaluation_end(&evaluation);
	sfn_index_insert_cleanup(index, info);
	index_close(index, NoLock);
}

/* ---- indexes with expressions and predicates ---- */

static void
evaluation_begin(Evaluation *evaluation, Relation relation, IndexInfo *info)
{
	evaluation->state = CreateExecutorState();
	evaluation->slot = MakeSingleTupleTableSlot(RelationGetDescr(relation), &TTSOpsHeapTuple);
	GetPerTupleExprContext(evaluation->state)->ecxt_scantuple = evaluation->slot;
	evaluation->predicate = ExecPrepareQual(info->ii_Predicate, evaluation->state);
}

/* False: the row is none of the index's. */
static bool
evaluation_keys(Evaluation *evaluation, IndexInfo *info, HeapTuple row, Datum *keys, bool *nulls)
{
	ResetPerTupleExprContext(evaluation->state);
	ExecStoreHeapTuple(row, evaluation->slot, false);
	if (!ExecQual(evaluation->predicate, GetPerTupleExprContext(evaluation->state)))
		return false;
	FormIndexDatum(info, evaluation->slot, evaluation->state, keys, nulls);
	return true;
}

static void
evaluation_end(Evaluation *evaluation)
{
	ExecDropSingleTupleTableSlot(evaluation->slot);
	FreeExecutorState(evaluation->state);
}
