/*
 * view_hook.c
 *	  Conditions on execution_arn reach the keys below the views.
 *
 * An ARN is made when a view shows it, so execution_arn = ... would be asked of every execution.  Before a query is planned,
 * such a condition on one of our views gets another one beside it, inside the view: that the row's
 * execution is among sfn.execution_ids(...), the few that may have this ARN.  The condition itself stays and decides.
 *
 * What an ARN is compared with may be any expression that is not volatile, the column of another table, too: the
 * view then is LATERAL to that.  It must not be so in a circle, nor against the
 * direction of an outer join, so joins are walked with what each of their sides lets through.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/planner.h"
#include "parser/parse_func.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteManip.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "workers/view_hook.h"

static planner_hook_type next_planner_hook = NULL;

/* By rank: in a join of two of them, neither of which is restricted, the later is looked up for each row of the earlier. */
static const char *const view_names[] = {"executions", "map_runs", "pending_tasks", "timers", "history"};

/* One of our views in a query. */
typedef struct View
{
	Index rti;
	int rank;
	RangeTblEntry *entry;
	AttrNumber arn;  /* its execution_arn */
	Index execution; /* the table in the view's query */
	AttrNumber id;
	bool is_restricted; /* to executions that something names */
	Relids depends;     /* what it is LATERAL to */
} View;

typedef struct Narrowing
{
	Query *query;
	List *views;
	Oid schema;
	bool is_for_joins; /* the second pass */
} Narrowing;

/* What stands below a node of the join tree. */
typedef struct Reach
{
	Relids all;
	Relids inner; /* through inner joins only */
} Reach;

static bool walk_queries(Node *node, void *schema);
static void narrow_query(Query *query, Oid schema);
static Reach walk_joins(Narrowing *narrowing, Node *node);
static void use_condition(Narrowing *narrowing, Node *condition, Relids restricted, Relids targets, Relids sources);

static PlannedStmt *
plan_query(Query *query, const char *text, int options, ParamListInfo params)
{
	Oid schema = get_namespace_oid("sfn", true);

	if (OidIsValid(schema))
		(void) walk_queries((Node *) query, &schema);
	return next_planner_hook != NULL ? next_planner_hook(query, text, options, params)
									 : standard_planner(query, text, options, params);
}

void
view_hook_install(void)
{
	next_planner_hook = planner_hook;
	planner_hook = plan_query;
}

static bool
walk_queries(Node *node, void *schema)
{
	if (node == NULL)
		return false;
	if (!IsA(node, Query))
		return expression_tree_walker(node, walk_queries, schema);
	(void) query_tree_walker((Query *) node, walk_queries, schema, 0);
	narrow_query((Query *) node, *(Oid *) schema);
	return false;
}

/* ---- the views of a query ---- */

/* Which relation a subquery is that came from a view; before PostgreSQL 16 that says only the view's own range table. */
static Oid
relation_of_view(const RangeTblEntry *entry)
{
	const RangeTblEntry *first;

	if (entry->rtekind != RTE_SUBQUERY || !entry->security_barrier)
		return InvalidOid;
	if (OidIsValid(entry->relid))
		return entry->relid;
	if (entry->subquery->rtable == NIL)
		return InvalidOid;
	first = linitial(entry->subquery->rtable);
	return first->rtekind == RTE_RELATION && first->relkind == RELKIND_VIEW ? first->relid : InvalidOid;
}

static int
rank_of_view(Oid relation, Oid schema)
{
	const char *name;

	if (!OidIsValid(relation) || get_rel_namespace(relation) != schema)
		return -1;
	name = get_rel_name(relation);
	for (int rank = 0; rank < (int) lengthof(view_names); rank++)
		if (name != NULL && strcmp(name, view_names[rank]) == 0)
			return rank;
	return -1;
}

/* The place of sfn.execution in the view's query; 0: it is not there. */
static Index
find_execution(const Query *view, Oid schema, AttrNumber *id)
{
	Oid table = get_relname_relid("execution", schema);
	ListCell *cell;
	Index rti = 0;

	foreach(cell, view->rtable)
	{
		const RangeTblEntry *entry = lfirst(cell);

		rti++;
		if (!OidIsValid(table) || entry->rtekind != RTE_RELATION || entry->relid != table)
			continue;
		*id = get_attnum(table, "id");
		return *id != InvalidAttrNumber && get_atttype(table, *id) == INT8OID ? rti : 0;
	}
	return 0;
}

static List *
views_of_query(const Query *query, Oid schema)
{
	List *views = NIL;
	ListCell *cell;
	Index rti = 0;

	foreach(cell, query->rtable)
	{
		RangeTblEntry *entry = lfirst(cell);
		Oid relation = relation_of_view(entry);
		int rank = rank_of_view(relation, schema);
		View *view;

		rti++;
		if (rank < 0)
			continue;
		view = palloc0(sizeof(View));
		view->rti = rti;
		view->rank = rank;
		view->entry = entry;
		view->arn = get_attnum(relation, "execution_arn");
		view->execution = find_execution(entry->subquery, schema, &view->id);
		if (view->arn != InvalidAttrNumber && view->execution != 0)
			views = lappend(views, view);
	}
	return views;
}

static View *
view_at(const Narrowing *narrowing, Index rti)
{
	ListCell *cell;

	foreach(cell, narrowing->views)
	{
		View *view = lfirst(cell);

		if (view->rti == rti)
			return view;
	}
	return NULL;
}

/* What names an execution first, then what follows from joins. */
static void
narrow_query(Query *query, Oid schema)
{
	Narrowing narrowing = {.query = query, .schema = schema, .views = views_of_query(query, schema)};

	if (narrowing.views == NIL || query->jointree == NULL)
		return;
	(void) walk_joins(&narrowing, (Node *) query->jointree);
	narrowing.is_for_joins = true;
	(void) walk_joins(&narrowing, (Node *) query->jointree);
}

/* ---- the join tree ---- */

static Reach
walk_join(Narrowing *narrowing, const JoinExpr *join)
{
	Reach left = walk_joins(narrowing, join->larg);
	Reach right = walk_joins(narrowing, join->rarg);
	Relids all = bms_union(left.all, right.all);
	Relids inner = bms_union(left.inner, right.inner);

	switch (join->jointype)
	{
		case JOIN_INNER:
			use_condition(narrowing, join->quals, all, inner, inner);
			return (Reach){all, inner};
		case JOIN_LEFT:
			use_condition(narrowing, join->quals, right.all, right.inner, bms_union(left.all, right.inner));
			return (Reach){all, left.inner};
		case JOIN_RIGHT:
			use_condition(narrowing, join->quals, left.all, left.inner, bms_union(right.all, left.inner));
			return (Reach){all, right.inner};
		default:
			return (Reach){all, NULL};
	}
}

static Reach
walk_joins(Narrowing *narrowing, Node *node)
{
	Reach reach = {NULL, NULL};

	if (IsA(node, RangeTblRef))
		reach.all = reach.inner = bms_make_singleton(((RangeTblRef *) node)->rtindex);
	else if (IsA(node, JoinExpr))
		reach = walk_join(narrowing, (JoinExpr *) node);
	else if (IsA(node, FromExpr))
	{
		const FromExpr *from = (const FromExpr *) node;
		ListCell *cell;

		foreach(cell, from->fromlist)
		{
			Reach part = walk_joins(narrowing, lfirst(cell));

			reach.all = bms_union(reach.all, part.all);
			reach.inner = bms_union(reach.inner, part.inner);
		}
		use_condition(narrowing, from->quals, reach.all, reach.inner, reach.inner);
	}
	return reach;
}

/* ---- conditions ---- */

/* A column of a join that is a column of one of its sides. */
static Node *
without_join_alias(const Narrowing *narrowing, Node *node)
{
	while (node != NULL && IsA(node, Var) && ((Var *) node)->varlevelsup == 0)
	{
		const Var *var = (const Var *) node;
		const RangeTblEntry *entry = rt_fetch(var->varno, narrowing->query->rtable);

		if (entry->rtekind != RTE_JOIN || var->varattno <= 0)
			break;
		node = list_nth(entry->joinaliasvars, var->varattno - 1);
	}
	return node;
}

/* The view whose execution_arn that is; or NULL. */
static View *
view_of_arn(const Narrowing *narrowing, Node *node)
{
	const Var *var = (const Var *) without_join_alias(narrowing, node);
	View *view;

	if (var == NULL || !IsA(var, Var) || var->varlevelsup != 0)
		return NULL;
	view = view_at(narrowing, var->varno);
	return view != NULL && view->arn == var->varattno ? view : NULL;
}

/* Would it be LATERAL to itself, by way of others? */
static bool
is_in_circle(const Narrowing *narrowing, const View *view, Relids sources)
{
	int rti = -1;

	if (bms_is_member(view->rti, sources))
		return true;
	while ((rti = bms_next_member(sources, rti)) >= 0)
	{
		const View *other = view_at(narrowing, rti);

		if (other != NULL && is_in_circle(narrowing, view, other->depends))
			return true;
	}
	return false;
}

/* May the view be LATERAL to these?  Between views only in one direction, and not for one that names its executions. */
static bool
may_depend(const Narrowing *narrowing, const View *view, Relids sources)
{
	int rti = -1;

	if (view->is_restricted || is_in_circle(narrowing, view, sources) ||
		bms_is_member(narrowing->query->resultRelation, sources))
		return false;
	while ((rti = bms_next_member(sources, rti)) >= 0)
	{
		const View *other = view_at(narrowing, rti);

		if (rt_fetch(rti, narrowing->query->rtable)->rtekind == RTE_JOIN ||
			(other != NULL && !other->is_restricted && other->rank > view->rank))
			return false;
	}
	return true;
}

/* id = ANY (sfn.execution_ids(arns)), in the view's query. */
static void
add_condition(const Narrowing *narrowing, View *view, Node *arns, bool is_lateral)
{
	Query *query = view->entry->subquery;
	Oid type = exprType(arns);
	Oid function = LookupFuncName(list_make2(makeString("sfn"), makeString("execution_ids")), 1, &type, true);
	ScalarArrayOpExpr *condition;

	if (!OidIsValid(function))
		return;
	arns = copyObject(arns);
	IncrementVarSublevelsUp(arns, 1, 0);
	condition = makeNode(ScalarArrayOpExpr);
	condition->opno = lookup_type_cache(INT8OID, TYPECACHE_EQ_OPR)->eq_opr;
	condition->opfuncid = F_INT8EQ;
	condition->useOr = true;
	condition->args = list_make2(makeVar(view->execution, view->id, INT8OID, -1, InvalidOid, 0),
								 makeFuncExpr(function, INT8ARRAYOID, list_make1(arns), InvalidOid, InvalidOid,
											  COERCE_EXPLICIT_CALL));
	condition->location = -1;
	query->jointree->quals = make_and_qual(query->jointree->quals, (Node *) condition);
	query->hasSubLinks = query->hasSubLinks || checkExprHasSubLink(arns);
	if (is_lateral)
		view->entry->lateral = true;
}

/* The references to a WITH query are counted: another one may not be added. */
static bool
names_cte(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, RangeTblEntry))
		return ((RangeTblEntry *) node)->rtekind == RTE_CTE;
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, names_cte, context, QTW_EXAMINE_RTES_BEFORE);
	return expression_tree_walker(node, names_cte, context);
}

/*
 * The ARN of a view, compared with something: of the views in restricted when that names nothing of the query, else of those in
 * targets when it names sources only.
 */
static void
use_comparison(Narrowing *narrowing, Node *arn, Node *value, Relids restricted, Relids targets, Relids sources)
{
	View *view = view_of_arn(narrowing, arn);
	Relids used;

	if (view == NULL || contain_volatile_functions(value) || names_cte(value, NULL))
		return;
	value = without_join_alias(narrowing, value);
	used = pull_varnos(NULL, value);
	if (bms_is_empty(used))
	{
		if (narrowing->is_for_joins || !bms_is_member(view->rti, restricted))
			return;
	}
	else
	{
		if (!narrowing->is_for_joins || !bms_is_member(view->rti, targets) || !bms_is_subset(used, sources) ||
			checkExprHasSubLink(value) || !may_depend(narrowing, view, used))
			return;
		view->depends = used;
	}
	view->is_restricted = true;
	add_condition(narrowing, view, value, !bms_is_empty(used));
}

static bool
is_text_equality(Oid operator, Oid collation)
{
	return get_opcode(operator) == F_TEXTEQ && (!OidIsValid(collation) || get_collation_isdeterministic(collation));
}

static void
use_condition(Narrowing *narrowing, Node *condition, Relids restricted, Relids targets, Relids sources)
{
	ListCell *cell;

	if (condition == NULL)
		return;
	if (IsA(condition, OpExpr))
	{
		const OpExpr *comparison = (const OpExpr *) condition;

		if (list_length(comparison->args) != 2 || !is_text_equality(comparison->opno, comparison->inputcollid))
			return;
		use_comparison(narrowing, linitial(comparison->args), lsecond(comparison->args), restricted, targets, sources);
		use_comparison(narrowing, lsecond(comparison->args), linitial(comparison->args), restricted, targets, sources);
	}
	else if (IsA(condition, ScalarArrayOpExpr))
	{
		const ScalarArrayOpExpr *comparison = (const ScalarArrayOpExpr *) condition;

		if (comparison->useOr && is_text_equality(comparison->opno, comparison->inputcollid))
			use_comparison(narrowing, linitial(comparison->args), lsecond(comparison->args), restricted, targets,
						   sources);
	}
	else if (is_andclause(condition))
	{
		foreach(cell, ((BoolExpr *) condition)->args)
			use_condition(narrowing, lfirst(cell), restricted, targets, sources);
	}
}
