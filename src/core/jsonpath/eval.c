/*
 * eval.c
 *	  What a JSONPath selects.
 *
 * Paths of single names and positions, nearly all of them, are followed in a
 * loop.  The others walk the steps recursively, with results added to one list
 * as they are found.  A position outside an array is no value at all, which
 * results show as null, and nothing can be applied to it.
 *
 * A missing node is an error, except that
 *	- a name which is missing on the way is passed over when the step before it,
 *	  or one behind it, may select several nodes;
 *	- a wildcard over an array passes over elements below which something is
 *	  missing (but a wildcard over an object does not).
 *
 * Error texts hold the path walked so far.  It is put together only when somebody
 * reads the error: each level links to the one above.
 */
#include "base/port.h"

#include "jsonpath/jpath_private.h"

/*
 * One level of the path walked: a name or a position below parent.  A value is
 * bare when it is a member, or an element that ".." or a filter looks at: then
 * null is nothing, and a text shows a string without its quotes.
 */
typedef struct Place
{
	const struct Place *parent;
	const JPathName *name; /* NULL: position */
	int position;
	bool is_bare;
} Place;

typedef struct Walk
{
	JPathRun *run;
	const JPath *path;
	bool must_exist;
	bool root_is_bare;
	JvArrayBuilder results;
} Walk;

static bool walk_step(Walk *walk, int at, const Place *place, const JsonVal *value);

/* ---- errors ---- */

static void
print_place(StringInfo out, const Place *place)
{
	const Place **levels;
	int count = 0;

	for (const Place *level = place; level != NULL; level = level->parent)
		count++;
	levels = palloc((count + 1) * sizeof(Place *));
	for (int i = count; place != NULL; place = place->parent)
		levels[--i] = place;
	appendStringInfoChar(out, '$');
	for (int i = 0; i < count; i++)
	{
		if (levels[i]->name != NULL)
			appendStringInfo(out, "['%s']", levels[i]->name->text);
		else
			appendStringInfo(out, "[%d]", levels[i]->position);
	}
}

static void
print_names(StringInfo out, const JPathStep *step)
{
	appendStringInfoChar(out, '[');
	for (int i = 0; i < step->count; i++)
		appendStringInfo(out, "%s'%s'", i == 0 ? "" : ", ", step->names[i].text);
	appendStringInfoChar(out, ']');
}

static void
print_index(StringInfo out, const JPathStep *step)
{
	const int32 *numbers = step->numbers;

	switch (step->index_type)
	{
		case INDEX_FROM_END:
			appendStringInfo(out, "[@.size()%d]", numbers[0]);
			break;
		case INDEX_SLICE_FROM:
			appendStringInfo(out, "[%d:]", numbers[0]);
			break;
		case INDEX_SLICE_TO:
			appendStringInfo(out, "[:%d]", numbers[0]);
			break;
		case INDEX_SLICE:
			appendStringInfo(out, "[%d:%d]", numbers[0], numbers[1]);
			break;
		case INDEX_SINGLE:
		case INDEX_LIST:
		case INDEX_NONE:
			for (int i = 0; i < step->count; i++)
				appendStringInfo(out, "%c%d", i == 0 ? '[' : ',', numbers[i]);
			appendStringInfoChar(out, ']');
			break;
	}
}

/* A step and all after it in bracket form. */
static void
print_steps(StringInfo out, const JPathStep *step, int count)
{
	static const char *const plain[] = {
		[STEP_ROOT] = "$",
		[STEP_WILDCARD] = "[*]",
		[STEP_SCAN] = "..",
		[STEP_FILTER] = "[?]",
	};

	for (; count > 0; step++, count--)
	{
		if (step->type == STEP_PROPERTY)
			print_names(out, step);
		else if (step->type == STEP_INDEX)
			print_index(out, step);
		else
			appendStringInfoString(out, plain[step->type]);
	}
}

/* A node is missing; wildcards and filters may take it lightly. */
static bool
fail_missing(Walk *walk, const char *before, const Place *place, const char *after)
{
	StringInfoData text;

	walk->run->is_missing = true;
	if (walk->run->silent > 0 || walk->run->error == NULL)
		return false;
	initStringInfo(&text);
	appendStringInfoString(&text, before);
	print_place(&text, place);
	appendStringInfoString(&text, after);
	return sfn_error(walk->run->error, ERROR_RUNTIME, "%s", text.data);
}

static inline bool
is_bare(const Walk *walk, const Place *place)
{
	return place != NULL ? place->is_bare : walk->root_is_bare;
}

static void
print_context(StringInfo out, const Walk *walk, const Place *place, const JsonVal *value)
{
	if (value == NULL)
		appendStringInfoString(out, "null");
	else if (value->type == JV_STRING && is_bare(walk, place))
		appendBinaryStringInfo(out, value->u.text, value->count);
	else
		jv_print(out, value);
}

/* The step cannot be applied to such a value; this ends the evaluation. */
static bool
fail_type(Walk *walk, int at, const char *complaint, const Place *place, const JsonVal *value)
{
	StringInfoData text;

	walk->run->is_missing = false;
	if (walk->run->error == NULL)
		return false;
	initStringInfo(&text);
	appendStringInfoString(&text, "Filter: ");
	print_steps(&text, &walk->path->steps[at], walk->path->step_count - at);
	appendStringInfo(&text, " %s. Current context is: ", complaint);
	print_context(&text, walk, place, value);
	return sfn_error(walk->run->error, ERROR_RUNTIME, "%s", text.data);
}

static bool
fail_not_object(Walk *walk, int at, const Place *place)
{
	StringInfoData before;

	if (walk->run->silent > 0 || walk->run->error == NULL)
		return fail_missing(walk, "", place, "");
	initStringInfo(&before);
	appendStringInfoString(&before, "Property ");
	print_steps(&before, &walk->path->steps[at], 1);
	appendStringInfoString(&before, " not found in path ");
	return fail_missing(walk, before.data, place, "");
}

/* The run fails for want of budget; the words are the step's. */
bool
jpath_fail_spent(JPathRun *run)
{
	run->is_missing = false;
	return sfn_error(run->error, ERROR_RUNTIME, "The evaluation was ended.");
}

/* Counts one node; false when there have been too many. */
static bool
count_visit(JPathRun *run)
{
	if ((++run->visits & 0xFFF) == 0)
		SFN_CHECK_INTERRUPTS();
	if (!budget_spend(run->budget, 1))
		return jpath_fail_spent(run);
	if (run->visits <= JPATH_MAX_VISITS)
		return true;
	run->is_missing = false;
	return sfn_error(run->error, ERROR_RUNTIME, "The path selects from more than %d nodes", JPATH_MAX_VISITS);
}

/* ---- the single steps ---- */

static inline bool
is_nothing(const Walk *walk, const Place *place, const JsonVal *value)
{
	return value == NULL || (value->type == JV_NULL && is_bare(walk, place));
}

static inline bool
is_of_type(const JsonVal *value, JvType type)
{
	return value != NULL && value->type == type;
}

/* Found: the end of the path adds a result, anything else goes on with the next step. */
static bool
walk_on(Walk *walk, int at, const Place *place, const JsonVal *value)
{
	if (at + 1 < walk->path->step_count)
		return walk_step(walk, at + 1, place, value);
	if (walk->results.count == walk->results.capacity &&
		!budget_allows(walk->run->budget, walk->results.capacity * 2 * sizeof(JsonVal *)))
		return jpath_fail_spent(walk->run);
	walk->run->is_outside = (value == NULL);
	jv_array_add(&walk->results, value != NULL ? value : jv_null());
	return true;
}

static bool
walk_name(Walk *walk, int at, const Place *place, const JsonVal *object, const JPathName *name)
{
	const JPathStep *step = &walk->path->steps[at];
	const JsonVal *value = jv_get_n(object, name->text, name->length);
	Place here = {place, name, 0, true};

	if (value != NULL)
		return walk_on(walk, at, &here, value);
	if (at + 1 == walk->path->step_count)
		return fail_missing(walk, "No results for path: ", &here, "");
	if (!step->from_previous_is_definite && !walk->must_exist)
		return true;
	return fail_missing(walk, "Missing property in path ", &here, "");
}

/* Several names (or none) select one object of those members that are there. */
static bool
walk_names(Walk *walk, int at, const Place *place, const JsonVal *object)
{
	const JPathStep *step = &walk->path->steps[at];
	JvObjectBuilder merged;

	if (at + 1 < walk->path->step_count)
	{
		StringInfoData names;

		walk->run->is_missing = false;
		initStringInfo(&names);
		print_place(&names, place);
		print_steps(&names, step, 1);
		return sfn_error(walk->run->error, ERROR_RUNTIME, "Multi properties can only be used as path leafs: %s",
						 names.data);
	}
	jv_object_begin(&merged);
	for (int i = 0; i < step->count; i++)
	{
		const JsonVal *value = jv_get_n(object, step->names[i].text, step->names[i].length);

		if (value != NULL)
			jv_object_add_n(&merged, step->names[i].text, step->names[i].length, value);
		else if (walk->must_exist)
			return fail_missing(walk, "Missing property in path ", place, "");
	}
	return walk_on(walk, at, place, jv_object_end(&merged));
}

static bool
walk_property(Walk *walk, int at, const Place *place, const JsonVal *value)
{
	const JPathStep *step = &walk->path->steps[at];

	if (!is_of_type(value, JV_OBJECT))
		return fail_not_object(walk, at, place);
	if (step->count == 1)
		return walk_name(walk, at, place, value, &step->names[0]);
	return walk_names(walk, at, place, value);
}

static bool
walk_position(Walk *walk, int at, const Place *place, const JsonVal *array, int position)
{
	Place here = {place, NULL, position, false};
	bool is_inside = (position >= 0 && position < array->count);

	if (!count_visit(walk->run))
		return false;
	return walk_on(walk, at, &here, is_inside ? array->u.items[position] : NULL);
}

/* The range of positions a slice or a single position covers; a negative start of [n:m] begins outside the array. */
static void
index_range(const JPathStep *step, int count, int64 *from, int64 *to)
{
	int64 first = step->count > 0 ? step->numbers[0] : 0;

	*from = 0;
	*to = 0;
	switch (step->index_type)
	{
		case INDEX_SINGLE:
			*from = first;
			*to = first + 1;
			break;
		case INDEX_FROM_END:
			*from = count + first;
			*to = *from + 1;
			break;
		case INDEX_SLICE_FROM:
			*from = Max(0, first < 0 ? count + first : first);
			*to = count;
			break;
		case INDEX_SLICE_TO:
			*to = Min(count, first < 0 ? count + first : first);
			break;
		case INDEX_SLICE:
			*from = first;
			*to = count == 0 ? first : Min(count, step->numbers[1]);
			break;
		case INDEX_LIST:
		case INDEX_NONE:
			break;
	}
}

static bool
walk_index(Walk *walk, int at, const Place *place, const JsonVal *value)
{
	const JPathStep *step = &walk->path->steps[at];
	int64 from;
	int64 to;

	if (is_nothing(walk, place, value))
		return fail_missing(walk, "The path ", place, " is null");
	if (value->type != JV_ARRAY)
		return fail_type(walk, at, "can only be applied to arrays", place, value);
	if (step->index_type == INDEX_LIST)
	{
		for (int i = 0; i < step->count; i++)
		{
			if (!walk_position(walk, at, place, value, step->numbers[i]))
				return false;
		}
		return true;
	}
	index_range(step, value->count, &from, &to);
	for (int64 i = from; i < to; i++)
	{
		if (!walk_position(walk, at, place, value, (int) i))
			return false;
	}
	return true;
}

static bool
walk_wildcard(Walk *walk, int at, const Place *place, const JsonVal *value)
{
	for (int i = 0; is_of_type(value, JV_OBJECT) && i < value->count; i++)
	{
		const JvMember *member = &value->u.members[i];
		JPathName name = {member->key, member->key_length};

		if (!count_visit(walk->run) || !walk_name(walk, at, place, value, &name))
			return false;
	}
	for (int i = 0; is_of_type(value, JV_ARRAY) && i < value->count; i++)
	{
		bool done;

		walk->run->silent++;
		done = walk_position(walk, at, place, value, i);
		walk->run->silent--;
		if (!done && !walk->run->is_missing)
			return false;
	}
	return true;
}

static bool
walk_filter(Walk *walk, int at, const Place *place, const JsonVal *value)
{
	const JPathFilter *filter = walk->path->steps[at].filter;
	bool accepted;

	if (is_of_type(value, JV_OBJECT))
	{
		if (!jpath_filter_accepts(walk->run, filter, value, &accepted))
			return false;
		return !accepted || walk_on(walk, at, place, value);
	}
	if (!is_of_type(value, JV_ARRAY))
		return fail_type(walk, at, "can not be applied to primitives", place, value);
	for (int i = 0; i < value->count; i++)
	{
		if (!count_visit(walk->run) || !jpath_filter_accepts(walk->run, filter, value->u.items[i], &accepted))
			return false;
		if (accepted && !walk_position(walk, at, place, value, i))
			return false;
	}
	return true;
}

/* ---- deep scan ---- */

/* Whether the step behind ".." applies to this node. */
static bool
scan_matches(Walk *walk, int at, const JsonVal *value, bool *matches)
{
	const JPathStep *step = &walk->path->steps[at];

	*matches = false;
	switch (step->type)
	{
		case STEP_PROPERTY:
			*matches = (value->type == JV_OBJECT);
			for (int i = 0; *matches && i < step->count; i++)
				*matches = jv_get_n(value, step->names[i].text, step->names[i].length) != NULL;
			return true;
		case STEP_INDEX:
			*matches = (value->type == JV_ARRAY);
			return true;
		case STEP_WILDCARD:
			*matches = true;
			return true;
		case STEP_FILTER:
			return jpath_filter_accepts(walk->run, step->filter, value, matches);
		case STEP_ROOT:
		case STEP_SCAN:
			return true;
	}
	return true;
}

/*
 * An array that matches: where the step is the last one it is applied, else all
 * elements go on to the step after it.
 */
static bool
scan_array(Walk *walk, int at, const Place *place, const JsonVal *array)
{
	if (at + 1 == walk->path->step_count)
		return walk_step(walk, at, place, array);
	for (int i = 0; i < array->count; i++)
	{
		Place here = {place, NULL, i, true};

		if (!count_visit(walk->run) || !walk_step(walk, at + 1, &here, array->u.items[i]))
			return false;
	}
	return true;
}

/* Parents before children.  Recursion is bounded by the depth of the value. */
static bool
scan(Walk *walk, int at, const Place *place, const JsonVal *value)
{
	bool is_object = is_of_type(value, JV_OBJECT);
	bool matches;

	if (!is_object && !is_of_type(value, JV_ARRAY))
		return true;
	if (!count_visit(walk->run) || !scan_matches(walk, at, value, &matches))
		return false;
	if (matches && !(is_object ? walk_step(walk, at, place, value) : scan_array(walk, at, place, value)))
		return false;
	for (int i = 0; i < value->count; i++)
	{
		const JvMember *member = is_object ? &value->u.members[i] : NULL;
		JPathName name = {is_object ? member->key : NULL, is_object ? member->key_length : 0};
		Place here = {place, is_object ? &name : NULL, i, true};

		if (!scan(walk, at, &here, is_object ? member->value : value->u.items[i]))
			return false;
	}
	return true;
}

/* Applies step `at` and all after it to the value. */
static bool
walk_step(Walk *walk, int at, const Place *place, const JsonVal *value)
{
	if (!count_visit(walk->run))
		return false;
	switch (walk->path->steps[at].type)
	{
		case STEP_ROOT:
			return walk_on(walk, at, NULL, value);
		case STEP_PROPERTY:
			return walk_property(walk, at, place, value);
		case STEP_INDEX:
			return walk_index(walk, at, place, value);
		case STEP_WILDCARD:
			return walk_wildcard(walk, at, place, value);
		case STEP_SCAN:
			return scan(walk, at + 1, place, value);
		case STEP_FILTER:
			return walk_filter(walk, at, place, value);
	}
	return true;
}

/* ---- whole paths ---- */

/* Follows single names and positions; NULL where the walk must find the words for what is missing. */
static const JsonVal *
follow_simple(const JPath *path, const JsonVal *value)
{
	for (int i = 0; i < path->step_count; i++)
	{
		const JPathStep *step = &path->steps[i];

		if (step->type == STEP_PROPERTY)
			value = jv_get_n(value, step->names[0].text, step->names[0].length);
		else if (value->type == JV_ARRAY && step->numbers[0] >= 0 && step->numbers[0] < value->count)
			value = value->u.items[step->numbers[0]];
		else
			return NULL;
		if (value == NULL)
			return NULL;
	}
	return value;
}

/* Evaluates the path on a document; the result of an indefinite one is an array. */
static bool
eval_on(JPathRun *run, const JPath *path, const JPathStart *start, const JsonVal **result)
{
	Walk walk = {run, path, start->must_exist, start->is_bare, {NULL, 0, 0}};
	const JsonVal *document = start->document;

	if (path->is_simple)
	{
		*result = follow_simple(path, document);
		run->visits += path->step_count;
		if (*result != NULL)
			return true;
	}
	if (path->step_count == 0)
	{
		*result = document;
		return true;
	}
	if (!walk_step(&walk, 0, NULL, document))
		return false;
	if (!budget_allows(run->budget, walk.results.count * sizeof(JsonVal *)))
		return jpath_fail_spent(run);
	if (!path->is_definite)
		*result = jv_array_end(&walk.results);
	else if (walk.results.count > 0)
		*result = walk.results.items[0];
	else
		return fail_missing(&walk, "No results for path: ", NULL, "");
	return true;
}

/* Evaluates a definite path for a filter. */
bool
jpath_eval_operand(JPathRun *run, const JPath *path, const JPathStart *start, const JsonVal **result)
{
	if (!count_visit(run))
		return false;
	return eval_on(run, path, start, result);
}

/* The value the path begins at. */
static bool
find_document(const JPath *path, const EvalScope *scope, const JsonVal **document, SfnError *error)
{
	switch (path->root)
	{
		case JPATH_ROOT_INPUT:
			*document = scope->input;
			break;
		case JPATH_ROOT_CONTEXT:
			*document = scope->context == NULL ? jv_empty_object() : scope->context(scope);
			break;
		case JPATH_ROOT_VARIABLE:
			*document = scope->variable == NULL ? NULL : scope->variable(scope, path->variable, strlen(path->variable));
			if (*document == NULL)
				return sfn_error(error, ERROR_RUNTIME, "No results for path: $%s", path->variable);
			break;
	}
	return true;
}

/* jpath_eval(), which also tells how it ended. */
bool
jpath_eval_kind(const JPath *path, const EvalScope *scope, const JsonVal **result, SfnError *error,
				JPathFinding *finding)
{
	JPathRun run = {.error = error, .budget = scope->budget, .is_missing = true};
	bool found = find_document(path, scope, &run.document, error);

	if (found && run.document->type == JV_NULL && path->step_count > 0)
		found = sfn_error(error, ERROR_RUNTIME, "Unable to apply Path transformation to null or empty input.");
	else if (found)
	{
		JPathStart start = {.document = run.document};

		found = eval_on(&run, path, &start, result);
	}
	if (found)
		*finding = path->is_definite && run.is_outside ? JPATH_OUTSIDE : JPATH_FOUND;
	else
		*finding = run.is_missing ? JPATH_MISSING : JPATH_UNFIT;
	return found;
}

/*
 * Selects.  A definite path gives the node, an indefinite one always an array.
 * Not found: false, error->name States.Runtime, cause in Jayway's words.
 */
bool
jpath_eval(const JPath *path, const EvalScope *scope, const JsonVal **result, SfnError *error)
{
	JPathFinding finding;

	return jpath_eval_kind(path, scope, result, error, &finding);
}
