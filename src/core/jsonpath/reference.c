/*
 * reference.c
 *	  Writing at a reference path, as ResultPath does.
 */
#include "base/port.h"

#include "jsonpath/jpath_private.h"

/* The step does not fit what stands there. */
static bool
cannot_apply(const JPathStep *step, const JsonVal *parent, SfnError *error)
{
	const char *name = step->type == STEP_PROPERTY ? step->names[0].text : psprintf("%d", step->numbers[0]);

	return sfn_error(error, ERROR_RESULT_PATH_MATCH_FAILURE, "Unable to apply step \"%s\" to input %s", name,
					 jv_to_text(parent == NULL ? jv_null() : parent));
}

/* What the value becomes when one step leads to child; NULL where it cannot take it. */
static const JsonVal *
put_child(const JsonVal *parent, const JPathStep *step, const JsonVal *child)
{
	if (step->type == STEP_PROPERTY)
	{
		/* what is missing on the way, and null, becomes an object */
		if (parent == NULL || parent->type == JV_NULL)
			parent = jv_empty_object();
		if (parent->type != JV_OBJECT)
			return NULL;
		return jv_object_set(parent, step->names[0].text, step->names[0].length, child);
	}
	if (parent == NULL || parent->type != JV_ARRAY || step->numbers[0] < 0 || step->numbers[0] >= parent->count)
		return NULL;
	return jv_array_set(parent, step->numbers[0], child);
}

static const JsonVal *
get_child(const JsonVal *parent, const JPathStep *step)
{
	if (parent == NULL)
		return NULL;
	if (step->type == STEP_PROPERTY)
		return jv_get_n(parent, step->names[0].text, step->names[0].length);
	if (parent->type != JV_ARRAY || step->numbers[0] < 0 || step->numbers[0] >= parent->count)
		return NULL;
	return parent->u.items[step->numbers[0]];
}

/*
 * ResultPath: root with value written at the reference path; missing members are
 * made.  False (States.ResultPathMatchFailure) where the root cannot take it.
 */
bool
jpath_write(const JPath *path, const JsonVal *root, const JsonVal *value, const JsonVal **result, SfnError *error)
{
	const JsonVal **parents;

	if (!path->is_simple || path->root != JPATH_ROOT_INPUT)
		return sfn_error(error, ERROR_RESULT_PATH_MATCH_FAILURE, "\"%s\" is no path that can be written", path->source);
	if (path->step_count + value->depth > SFN_MAX_DEPTH)
		return sfn_error(error, ERROR_RESULT_PATH_MATCH_FAILURE, "The result is nested more than %d levels deep",
						 SFN_MAX_DEPTH);

	parents = palloc((path->step_count + 1) * sizeof(JsonVal *));
	parents[0] = root;
	for (int i = 0; i < path->step_count; i++)
		parents[i + 1] = get_child(parents[i], &path->steps[i]);
	for (int i = path->step_count - 1; i >= 0; i--)
	{
		value = put_child(parents[i], &path->steps[i], value);
		if (value == NULL)
			return cannot_apply(&path->steps[i], parents[i], error);
	}
	*result = value;
	return true;
}
