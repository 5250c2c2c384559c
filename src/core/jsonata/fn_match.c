/*
 * fn_match.c
 *	  Functions that take a pattern: contains, match, split, replace.
 *
 * A pattern is a string, a regular expression, or a function that finds matches
 * as a regular expression does.
 */
#include "base/port.h"

#include "jsonata/library.h"
#include "jsonata/regex.h"
#include "jsonata/text.h"

/* $contains(str, pattern) */
const JsonVal *
fn_contains(Call *call)
{
	const JsonVal *str = call->args[0];
	const JsonVal *pattern = call->args[1];
	Matcher matcher;
	int found;

	if (str == NULL || pattern == NULL)
		return NULL;
	if (pattern->type == JV_STRING)
		return jv_bool(jn_text_find(str->u.text, str->count, pattern->u.text, pattern->count) != NULL);
	matcher_begin(&matcher, call, pattern, str);
	found = matcher_exists(&matcher);
	return found < 0 ? JN_FAIL : jv_bool(found > 0);
}

/* The limit argument: how many, -1 for no limit, -2 when it is negative. */
static int
limit_of(const JsonVal *limit)
{
	if (limit == NULL)
		return -1;
	if (limit->number < 0)
		return -2;
	return limit->number > PG_INT32_MAX - 1 ? PG_INT32_MAX - 1 : (int) ceil(limit->number);
}

/* $match(str, pattern, limit) */
const JsonVal *
fn_match(Call *call)
{
	Evaluation *ev = call->ev;
	int limit = limit_of(call->args[2]);
	JnArray *result;
	Matcher matcher;
	int found = 0;

	if (call->args[0] == NULL)
		return NULL;
	if (limit == -2)
		return jn_fail_value(ev, "D3040", call->args[2]);
	result = jn_sequence(ev, 0);
	matcher_begin(&matcher, call, call->args[1], call->args[0]);
	if (limit != 0)
		found = matcher_next(&matcher);
	for (; found > 0 && result->v.count != limit; found = matcher_next(&matcher))
	{
		JnObject *object = jn_object(ev, 3);

		if (matcher.text != NULL)
			jn_object_put(ev, object, "match", 5, matcher.text);
		if (matcher.index != NULL)
			jn_object_put(ev, object, "index", 5, matcher.index);
		if (matcher.groups != NULL)
			jn_object_put(ev, object, "groups", 6, matcher.groups);
		JN_CHECK(jn_push(ev, result, &object->v));
	}
	return found < 0 ? JN_FAIL : &result->v;
}

/* ---- split ---- */

static const JsonVal *
push_part(Evaluation *ev, JnArray *parts, const char *start, const char *end)
{
	const JsonVal *part = jn_text(ev, start, Max(end - start, 0));

	JN_CHECK(part);
	return jn_push(ev, parts, part);
}

static const JsonVal *
split_by_text(Call *call, const JsonVal *str, const JsonVal *separator, int limit)
{
	JnArray *parts = jn_array(call->ev, 0, 0);
	const char *start = str->u.text;
	const char *end = str->u.text + str->count;

	while (parts->v.count != limit)
	{
		const char *found;

		JN_TICK(call->ev);
		if (separator->count == 0)
		{
			if (start >= end)
				break;
			found = start + jn_char_bytes(start, end);
			JN_CHECK(push_part(call->ev, parts, start, found));
			start = found;
			continue;
		}
		found = jn_text_find(start, end - start, separator->u.text, separator->count);
		JN_CHECK(push_part(call->ev, parts, start, found != NULL ? found : end));
		if (found == NULL)
			break;
		start = found + separator->count;
	}
	return &parts->v;
}

static const JsonVal *
split_by_pattern(Call *call, const JsonVal *str, const JsonVal *pattern, int limit)
{
	JnArray *parts = jn_array(call->ev, 0, 0);
	Matcher matcher;
	int start = 0;
	int found;

	matcher_begin(&matcher, call, pattern, str);
	for (found = matcher_next(&matcher); found > 0 && parts->v.count != limit; found = matcher_next(&matcher))
	{
		JN_CHECK(push_part(call->ev, parts, str->u.text + start, str->u.text + matcher.start));
		start = matcher.end;
	}
	if (found < 0)
		return JN_FAIL;
	if (parts->v.count != limit)
		JN_CHECK(push_part(call->ev, parts, str->u.text + start, str->u.text + str->count));
	return &parts->v;
}

/* $split(str, separator, limit) */
const JsonVal *
fn_split(Call *call)
{
	const JsonVal *str = call->args[0];
	const JsonVal *separator = call->args[1];
	int limit = limit_of(call->args[2]);

	if (str == NULL)
		return NULL;
	if (limit == -2)
		return jn_fail_value(call->ev, "D3020", call->args[2]);
	if (separator == NULL)
		return str;
	if (separator->type == JV_STRING)
	{
		if (call->args[2] != NULL && limit >= 0)
			limit = (int) Min(floor(call->args[2]->number), PG_INT32_MAX - 1);
		return split_by_text(call, str, separator, limit);
	}
	return split_by_pattern(call, str, separator, limit);
}

/* ---- replace ---- */

static const JsonVal *
group_text(const Matcher *matcher, int group)
{
	const JsonVal *groups = matcher->groups;

	if (!jn_is(groups, JV_ARRAY) || group < 1 || group > groups->count)
		return NULL;
	return groups->u.items[group - 1];
}

/*
 * The number behind a "$": as many digits as the number of groups has, or one
 * fewer when that names no group.  *digits is what was used; 0: no number.
 */
static int
group_number(const char *s, const char *end, int group_count, int *digits)
{
	int most = 1;
	int number = 0;
	int shorter = 0;

	for (int n = group_count; n >= 10; n /= 10)
		most++;
	*digits = 0;
	while (*digits < most && s + *digits < end && s[*digits] >= '0' && s[*digits] <= '9')
	{
		shorter = number;
		number = number * 10 + (s[*digits] - '0');
		(*digits)++;
	}
	if (most > 1 && *digits == most && number > group_count)
	{
		number = shorter;
		(*digits)--;
	}
	return number;
}

static const JsonVal *
check_size(Evaluation *ev, const StringInfoData *out)
{
	if (out->len > JN_LONGEST_TEXT || (Size) out->len > ev->memory_left)
		return jn_fail_long(ev, out->len);
	return NULL;
}

/* The replacement with "$0", "$1" ... and "$$" filled in; JN_FAIL or NULL. */
static const JsonVal *
append_substituted(StringInfo out, const JsonVal *replacement, const Matcher *matcher)
{
	const char *s = replacement->u.text;
	const char *end = s + replacement->count;
	int group_count = jn_is(matcher->groups, JV_ARRAY) ? matcher->groups->count : 0;

	while (s < end)
	{
		const JsonVal *group;
		int digits;
		int number;

		if (*s != '$')
		{
			appendStringInfoChar(out, *s++);
			continue;
		}
		JN_CHECK(check_size(matcher->call->ev, out));
		s++;
		if (s < end && *s == '$')
		{
			appendStringInfoChar(out, '$');
			s++;
			continue;
		}
		if (s < end && *s == '0')
		{
			if (jn_is(matcher->text, JV_STRING))
				appendBinaryStringInfo(out, matcher->text->u.text, matcher->text->count);
			s++;
			continue;
		}
		number = group_number(s, end, group_count, &digits);
		if (digits == 0)
		{
			appendStringInfoChar(out, '$');
			continue;
		}
		group = group_text(matcher, number);
		if (jn_is(group, JV_STRING))
			appendBinaryStringInfo(out, group->u.text, group->count);
		s += digits;
	}
	return NULL;
}

static const JsonVal *
append_replacement(StringInfo out, Call *call, Matcher *matcher, const JsonVal *replacement)
{
	const JsonVal *match;
	const JsonVal *text;

	if (replacement->type == JV_STRING)
		return append_substituted(out, replacement, matcher);
	match = matcher_object(matcher);
	JN_CHECK(match);
	text = jn_call(call->ev, replacement, &match, 1, jv_null(), call->frame);
	JN_CHECK(text);
	if (!jn_is(text, JV_STRING))
		return jn_fail_value(call->ev, "D3012", text);
	appendBinaryStringInfo(out, text->u.text, text->count);
	return NULL;
}

/* A match of a plain text, in the shape of any other. */
static const JsonVal *
text_match(Evaluation *ev, Matcher *matcher, const JsonVal *str, int start, const JsonVal *pattern)
{
	JnObject *object = jn_object(ev, 4);

	matcher->text = pattern;
	matcher->groups = jv_empty_array();
	jn_object_put(ev, object, "match", 5, pattern);
	jn_object_put(ev, object, "start", 5, jn_number(ev, jn_units_at(&matcher->units, start)));
	jn_object_put(ev, object, "end", 3, jn_number(ev, jn_units_at(&matcher->units, start + pattern->count)));
	jn_object_put(ev, object, "groups", 6, matcher->groups);
	matcher->object = &object->v;
	(void) str;
	return NULL;
}

static const JsonVal *
replace_text(Call *call, const JsonVal *str, const JsonVal *pattern, const JsonVal *replacement, int limit,
			 StringInfo out)
{
	const char *start = str->u.text;
	const char *end = start + str->count;
	const char *found;
	Matcher matcher;
	int count = 0;

	memset(&matcher, 0, sizeof(matcher));
	matcher.units.text = str->u.text;
	while (count++ != limit && (found = jn_text_find(start, end - start, pattern->u.text, pattern->count)) != NULL)
	{
		JN_TICK(call->ev);
		JN_CHECK(check_size(call->ev, out));
		appendBinaryStringInfo(out, start, found - start);

		/* beside a plain text a replacement is plain as well */
		if (replacement->type == JV_STRING)
			appendBinaryStringInfo(out, replacement->u.text, replacement->count);
		else
		{
			JN_CHECK(text_match(call->ev, &matcher, str, found - str->u.text, pattern));
			JN_CHECK(append_replacement(out, call, &matcher, replacement));
		}
		start = found + pattern->count;
	}
	appendBinaryStringInfo(out, start, end - start);
	return NULL;
}

static const JsonVal *
replace_pattern(Call *call, const JsonVal *str, const JsonVal *pattern, const JsonVal *replacement, int limit,
				StringInfo out)
{
	Matcher matcher;
	int start = 0;
	int count = 0;
	int found = 0;

	matcher_begin(&matcher, call, pattern, str);
	if (limit != 0)
		found = matcher_next(&matcher);
	for (; found > 0 && count++ != limit; found = matcher_next(&matcher))
	{
		JN_CHECK(check_size(call->ev, out));
		appendBinaryStringInfo(out, str->u.text + start, Max(matcher.start - start, 0));
		JN_CHECK(append_replacement(out, call, &matcher, replacement));
		start = Max(matcher.end, start);
	}
	if (found < 0)
		return JN_FAIL;
	appendBinaryStringInfo(out, str->u.text + start, str->count - start);
	return NULL;
}

/* $replace(str, pattern, replacement, limit) */
const JsonVal *
fn_replace(Call *call)
{
	const JsonVal *str = call->args[0];
	const JsonVal *pattern = call->args[1];
	const JsonVal *replacement = call->args[2];
	int limit = limit_of(call->args[3]);
	StringInfoData out;
	const JsonVal *failed;

	if (str == NULL)
		return NULL;
	if (jn_is(pattern, JV_STRING) && pattern->count == 0)
		return jn_fail_value(call->ev, "D3010", pattern);
	if (limit == -2)
		return jn_fail_value(call->ev, "D3011", call->args[3]);
	if (pattern == NULL || replacement == NULL)
		return str;

	initStringInfo(&out);
	if (pattern->type == JV_STRING)
		failed = replace_text(call, str, pattern, replacement, limit, &out);
	else
		failed = replace_pattern(call, str, pattern, replacement, limit, &out);
	if (failed == JN_FAIL)
	{
		pfree(out.data);
		return JN_FAIL;
	}
	return jn_text_of_buffer(call->ev, &out);
}
