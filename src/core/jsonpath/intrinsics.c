/*
 * intrinsics.c
 *	  Intrinsic functions: the table, parsing of calls, and calling.
 *
 *		States.Name(argument, ...)
 *
 * An argument is a string in single quotes, a number, true, false, null, a path,
 * or a call.  In strings \' \{ \} and \\ stand for the second character.  AWS
 * refuses \" when a machine is created; any other backslash fails at run time.
 */
#include "base/port.h"

#include <math.h>

#include "common/jsonapi.h"

#include "jsonpath/intrinsic.h"
#include "jsonpath/jpath_private.h"

/* How deep calls may be nested. */
#define MAX_CALL_DEPTH 10

#define LONGEST_ESCAPE 6 /* of one byte in JSON text */

typedef struct IntrinsicRow
{
	const char *name;
	int least;         /* arguments */
	int most;          /* -1: any number */
	const char *types; /* of the arguments: n number, s string, a array, b boolean, any other letter: anything */
	IntrinsicFunction function;
} IntrinsicRow;

static const IntrinsicRow rows[] = {
	{"States.Array", 0, -1, "", intrinsic_array},
	{"States.ArrayContains", 2, 2, "a", intrinsic_array_contains},
	{"States.ArrayGetItem", 2, 2, "an", intrinsic_array_get_item},
	{"States.ArrayLength", 1, 1, "a", intrinsic_array_length},
	{"States.ArrayPartition", 2, 2, "an", intrinsic_array_partition},
	{"States.ArrayRange", 3, 3, "nnn", intrinsic_array_range},
	{"States.ArrayUnique", 1, 1, "a", intrinsic_array_unique},
	{"States.Base64Decode", 1, 1, "s", intrinsic_base64_decode},
	{"States.Base64Encode", 1, 1, "s", intrinsic_base64_encode},
	{"States.Format", 1, -1, "s", intrinsic_format},
	{"States.Hash", 2, 2, ".s", intrinsic_hash},
	{"States.JsonMerge", 3, 3, "oob", intrinsic_json_merge},
	{"States.JsonToString", 1, 1, "", intrinsic_json_to_string},
	{"States.MathAdd", 2, 2, "nn", intrinsic_math_add},
	{"States.MathRandom", 2, 3, "nn", intrinsic_math_random},
	{"States.StringSplit", 2, 2, "ss", intrinsic_string_split},
	{"States.StringToJson", 1, 1, "s", intrinsic_string_to_json},
	{"States.UUID", 0, 0, "", intrinsic_uuid},
};

struct Intrinsic
{
	const char *source;
	const IntrinsicRow *row;
	IntrinsicArgument *arguments;
	int count;
	const char *stray_backslash; /* the string that holds one, here or in a nested call; set on the outermost */
};

typedef struct CallParser
{
	const char *text;
	const char *s;
	const char *end;
	int depth;
	SfnError *error;
	const char *stray_backslash;
} CallParser;

static Intrinsic *parse_call(CallParser *parser);

/* ---- parsing ---- */

static bool
parse_fail(CallParser *parser, const char *at, const char *message)
{
	return sfn_error_at(parser->error, ERROR_INVALID_PATH, at - parser->text, "%s", message);
}

static void
skip_blanks(CallParser *parser)
{
	while (parser->s < parser->end && strchr(" \t\r\n", *parser->s) != NULL && *parser->s != '\0')
		parser->s++;
}

/* Undoes the escapes of a string.  A backslash before anything else stays and is found out at run time. */
static const JsonVal *
cook_string(const char *raw, int length)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < length; i++)
	{
		if (raw[i] == '\\' && i + 1 < length && strchr("'{}\\", raw[i + 1]) != NULL)
			i++;
		appendStringInfoChar(&text, raw[i]);
	}
	return jv_string_n(text.data, text.len);
}

static bool
parse_string(CallParser *parser, IntrinsicArgument *argument)
{
	const char *begin = ++parser->s;
	bool has_stray = false;

	for (; parser->s < parser->end && *parser->s != '\''; parser->s++)
	{
		if (*parser->s != '\\')
			continue;
		if (++parser->s == parser->end)
			break;
		if (*parser->s == '"')
			return parse_fail(parser, parser->s, "\\\" is no escape of intrinsic functions; a double quote needs none");
		has_stray = has_stray || strchr("'{}\\", *parser->s) == NULL;
	}
	if (parser->s >= parser->end)
		return parse_fail(parser, begin - 1, "the string is not closed");
	argument->raw = pnstrdup(begin, parser->s - begin);
	argument->raw_length = parser->s - begin;
	if (has_stray)
		parser->stray_backslash = argument->raw;
	argument->constant = cook_string(begin, parser->s - begin);
	parser->s++;
	return true;
}

/* The path reaches to the comma or parenthesis that stands outside its own brackets and quotes. */
static bool
parse_path(CallParser *parser, IntrinsicArgument *argument)
{
	const char *begin = parser->s;
	int open = 0;
	bool in_quotes = false;
	int length;

	for (; parser->s < parser->end; parser->s++)
	{
		char c = *parser->s;

		if (c == '\'' && open > 0)
			in_quotes = !in_quotes;
		if (in_quotes)
			continue;
		if (open == 0 && (c == ',' || c == ')'))
			break;
		open += (c == '[' || c == '(') - (c == ']' || c == ')');
	}
	length = parser->s - begin;
	jpath_trim(&begin, &length);
	argument->path = jpath_parse(begin, length, JPATH_PATH, parser->error);
	if (argument->path == NULL && parser->error != NULL)
		parser->error->position += begin - parser->text;
	return argument->path != NULL;
}

/* A number or one of JSON's three words. */
static bool
parse_word(CallParser *parser, IntrinsicArgument *argument)
{
	const char *begin = parser->s;
	int length;

	while (parser->s < parser->end && strchr(",) \t\r\n", *parser->s) == NULL)
		parser->s++;
	length = parser->s - begin;
	if (length == 4 && memcmp(begin, "true", 4) == 0)
		argument->constant = jv_bool(true);
	else if (length == 5 && memcmp(begin, "false", 5) == 0)
		argument->constant = jv_bool(false);
	else if (length == 4 && memcmp(begin, "null", 4) == 0)
		argument->constant = jv_null();
	else if (length > 0 && IsValidJsonNumber(begin, length))
		argument->constant = jv_number_text(begin, length);
	else
		return parse_fail(parser, begin,
						  "an argument is a string in single quotes, a number, true, false, null, "
						  "a path or a call");
	return true;
}

static bool
parse_argument(CallParser *parser, IntrinsicArgument *argument)
{
	memset(argument, 0, sizeof(IntrinsicArgument));
	if (*parser->s == '\'')
		return parse_string(parser, argument);
	if (*parser->s == '$')
		return parse_path(parser, argument);
	if (intrinsic_looks_like(parser->s, parser->end - parser->s))
	{
		if (++parser->depth >= MAX_CALL_DEPTH)
			return parse_fail(parser, parser->s, "calls can be nested ten deep");
		argument->call = parse_call(parser);
		parser->depth--;
		return argument->call != NULL;
	}
	return parse_word(parser, argument);
}

/* The arguments up to the closing parenthesis, the opening one being read already. */
static bool
parse_arguments(CallParser *parser, Intrinsic *call)
{
	int capacity = 4;

	call->arguments = palloc(capacity * sizeof(IntrinsicArgument));
	skip_blanks(parser);
	if (parser->s < parser->end && *parser->s == ')')
	{
		parser->s++;
		return true;
	}
	for (;;)
	{
		if (call->count == capacity)
		{
			capacity *= 2;
			call->arguments = repalloc(call->arguments, capacity * sizeof(IntrinsicArgument));
		}
		if (parser->s == parser->end)
			return parse_fail(parser, parser->s, "the call is not closed");
		if (!parse_argument(parser, &call->arguments[call->count++]))
			return false;
		skip_blanks(parser);
		if (parser->s == parser->end)
			return parse_fail(parser, parser->s, "the call is not closed");
		if (*parser->s == ')')
		{
			parser->s++;
			return true;
		}
		if (*parser->s != ',')
			return parse_fail(parser, parser->s, "expected \",\" or \")\"");
		parser->s++;
		skip_blanks(parser);
	}
}

static const IntrinsicRow *
find_row(const char *name, int length)
{
	for (int i = 0; i < (int) lengthof(rows); i++)
	{
		if ((int) strlen(rows[i].name) == length && memcmp(rows[i].name, name, length) == 0)
			return &rows[i];
	}
	return NULL;
}

static bool
check_count(CallParser *parser, const Intrinsic *call, const char *begin)
{
	const IntrinsicRow *row = call->row;

	if (call->count >= row->least && (row->most < 0 || call->count <= row->most))
		return true;
	if (row->most < 0)
		return parse_fail(parser, begin,
						  psprintf("%s takes at least %d argument%s, not %d", row->name, row->least,
								   row->least == 1 ? "" : "s", call->count));
	if (row->least != row->most)
		return parse_fail(parser, begin,
						  psprintf("%s takes %d to %d arguments, not %d", row->name, row->least, row->most,
								   call->count));
	return parse_fail(parser, begin,
					  psprintf("%s takes %d argument%s, not %d", row->name, row->least, row->least == 1 ? "" : "s",
							   call->count));
}

/* Is a literal argument of a type that the function could take? */
static bool
literal_fits(const JsonVal *literal, char type)
{
	switch (type)
	{
		case 'n':
			return literal->type == JV_NUMBER;
		case 's':
			return literal->type == JV_STRING;
		case 'b':
			return literal->type == JV_BOOL;
		case 'a':
		case 'o':
			return false; /* there are no such literals */
		default:
			return true;
	}
}

/* Literals of a wrong type can be seen before the call is made. */
static bool
check_literals(CallParser *parser, const Intrinsic *call, const char *begin)
{
	const char *types = call->row->types;

	for (int i = 0; i < call->count && types[i] != '\0'; i++)
	{
		const JsonVal *literal = call->arguments[i].constant;

		if (literal != NULL && !literal_fits(literal, types[i]))
			return parse_fail(parser, begin,
							  psprintf("argument %d of %s can not be a %s", i + 1, call->row->name,
									   jv_type_name(literal)));
	}
	return true;
}

static Intrinsic *
parse_call(CallParser *parser)
{
	Intrinsic *call = palloc0(sizeof(Intrinsic));
	const char *begin = parser->s;
	const char *open = memchr(begin, '(', parser->end - begin);
	int name_length;

	if (open == NULL)
	{
		parse_fail(parser, begin, "expected a call, States.Name(...)");
		return NULL;
	}
	name_length = open - begin;
	call->row = find_row(begin, name_length);
	if (call->row == NULL)
	{
		parse_fail(parser, begin, psprintf("there is no intrinsic function \"%s\"", pnstrdup(begin, name_length)));
		return NULL;
	}
	parser->s = open + 1;
	if (!parse_arguments(parser, call) || !check_count(parser, call, begin) || !check_literals(parser, call, begin))
		return NULL;
	call->source = pnstrdup(begin, parser->s - begin);
	return call;
}

/* Whether the text begins "States." and has a parenthesis. */
bool
intrinsic_looks_like(const char *text, int length)
{
	return length > 7 && memcmp(text, "States.", 7) == 0 && memchr(text, '(', length) != NULL;
}

/* NULL and *error when the call cannot be parsed, names no function or has a wrong number of arguments. */
Intrinsic *
intrinsic_parse(const char *text, int length, SfnError *error)
{
	CallParser parser = {text, text, text + length, 0, error, NULL};
	const char *nul = memchr(text, '\0', length);
	Intrinsic *call;

	if (nul != NULL)
	{
		parse_fail(&parser, nul, "a call holds no NUL byte");
		return NULL;
	}
	call = parse_call(&parser);
	if (call == NULL)
		return NULL;
	skip_blanks(&parser);
	if (parser.s != parser.end)
	{
		parse_fail(&parser, parser.s, "nothing can follow the call");
		return NULL;
	}
	call->stray_backslash = parser.stray_backslash;
	return call;
}

/* ---- what everyone may ask ---- */

const char *
intrinsic_source(const Intrinsic *call)
{
	return call->source;
}

const char *
intrinsic_name(const Intrinsic *call)
{
	return call->row->name;
}

/* Calls back for every path in the arguments, nested calls included. */
void
intrinsic_each_path(const Intrinsic *call, void (*visit)(const JPath *path, void *arg), void *arg)
{
	for (int i = 0; i < call->count; i++)
	{
		if (call->arguments[i].path != NULL)
			visit(call->arguments[i].path, arg);
		else if (call->arguments[i].call != NULL)
			intrinsic_each_path(call->arguments[i].call, visit, arg);
	}
}

/* Letters to change, add or remove, without regard to case; long names count as far apart. */
static int
distance(const char *a, const char *b)
{
	int row[32];
	int length = strlen(b);

	if (length >= (int) lengthof(row) || strlen(a) >= lengthof(row))
		return lengthof(row);
	for (int j = 0; j <= length; j++)
		row[j] = j;
	for (int i = 1; a[i - 1] != '\0'; i++)
	{
		int diagonal = row[0];

		row[0] = i;
		for (int j = 1; j <= length; j++)
		{
			int same = pg_ascii_tolower(a[i - 1]) == pg_ascii_tolower(b[j - 1]);
			int best = Min(Min(row[j], row[j - 1]) + 1, diagonal + !same);

			diagonal = row[j];
			row[j] = best;
		}
	}
	return row[length];
}

/* Nearest function name for a hint, or NULL. */
const char *
intrinsic_nearest_name(const char *name)
{
	const char *nearest = NULL;
	int least = 4;

	for (int i = 0; i < (int) lengthof(rows); i++)
	{
		int steps = distance(name, rows[i].name);

		if (steps < least)
		{
			least = steps;
			nearest = rows[i].name;
		}
	}
	return nearest;
}

/* ---- calling ---- */

static bool
eval_call(const Intrinsic *intrinsic, const EvalScope *scope, const JsonVal **result, SfnError *error,
		  const JPath **missing_path)
{
	const JsonVal **values = palloc((intrinsic->count + 1) * sizeof(JsonVal *));
	IntrinsicCall call = {intrinsic->arguments, values, intrinsic->count, scope, error};

	if (!intrinsic_spend(&call, 1 + (uint32) intrinsic->count))
		return false;

	for (int i = 0; i < intrinsic->count; i++)
	{
		const IntrinsicArgument *argument = &intrinsic->arguments[i];
		JPathFinding finding;

		if (argument->constant != NULL)
			values[i] = argument->constant;
		else if (argument->call != NULL)
		{
			if (!eval_call(argument->call, scope, &values[i], error, missing_path))
				return false;
		}
		else if (!jpath_eval_kind(argument->path, scope, &values[i], error, &finding))
		{
			*missing_path = finding == JPATH_MISSING ? argument->path : NULL;
			return false;
		}
		else if (finding == JPATH_OUTSIDE)
		{
			*missing_path = argument->path;
			return sfn_error(error, ERROR_RUNTIME, "Index out of bounds when evaluating path %s",
							 jpath_source(argument->path));
		}
	}
	if (!intrinsic->row->function(&call, result))
		return false;
	if ((*result)->depth > SFN_MAX_DEPTH)
		return intrinsic_fail(&call, "The result is nested more than %d levels deep", SFN_MAX_DEPTH);
	return true;
}

/* Calls the function; see jsonpath.h. */
bool
intrinsic_eval(const Intrinsic *call, const EvalScope *scope, const JsonVal **result, SfnError *error,
			   const JPath **missing_path)
{
	*missing_path = NULL;
	if (call->stray_backslash != NULL)
		return sfn_error(error, ERROR_RUNTIME, "The string '%s' holds a backslash that escapes nothing",
						 call->stray_backslash);
	return eval_call(call, scope, result, error, missing_path);
}

/* ---- what a call may use ---- */

static bool
fail_spent(IntrinsicCall *call)
{
	return intrinsic_fail(call, "The evaluation was ended.");
}

bool
intrinsic_spend(IntrinsicCall *call, uint32 work)
{
	return budget_spend(call->scope->budget, work) || fail_spent(call);
}

bool
intrinsic_allows(IntrinsicCall *call, Size size)
{
	return budget_allows(call->scope->budget, size) || fail_spent(call);
}

/* What the text is at most in JSON, so that a value with shared parts is not printed for nothing; a buffer doubles. */
bool
intrinsic_text_fits(IntrinsicCall *call, const JsonVal *value, int length)
{
	int64 limit = (int64) INTRINSIC_MAX_TEXT * LONGEST_ESCAPE;
	int64 size = jv_text_size(value, limit);

	if (!intrinsic_spend(call, 1 + (uint32) (size / 64)))
		return false;
	if (size > limit)
		return intrinsic_fail(call, "The result has more than %d bytes", INTRINSIC_MAX_TEXT);
	return intrinsic_allows(call, 2 * (length + (Size) size));
}

/* ---- arguments ---- */

static const char *const ordinals[] = {"first", "second", "third"};

/* The argument of that number (from 0) if it has the type wanted, else NULL and an error. */
const JsonVal *
intrinsic_argument(IntrinsicCall *call, int number, JvType type)
{
	static const JsonVal samples[] = {
		[JV_NULL] = {.type = JV_NULL},     [JV_BOOL] = {.type = JV_BOOL},   [JV_NUMBER] = {.type = JV_NUMBER},
		[JV_STRING] = {.type = JV_STRING}, [JV_ARRAY] = {.type = JV_ARRAY}, [JV_OBJECT] = {.type = JV_OBJECT},
	};

	if (call->values[number]->type == type)
		return call->values[number];
	intrinsic_fail(call, "The %s argument must be of type %s but is of type %s", ordinals[number],
				   jv_type_name(&samples[type]), jv_type_name(call->values[number]));
	return NULL;
}

/* The same for a number that is rounded to an integer, halves upwards, and must fit into 32 bits. */
bool
intrinsic_integer(IntrinsicCall *call, int number, int64 *n)
{
	const JsonVal *value = intrinsic_argument(call, number, JV_NUMBER);
	double rounded;

	if (value == NULL)
		return false;
	rounded = floor(value->number + 0.5);
	if (!(rounded >= PG_INT32_MIN && rounded <= PG_INT32_MAX))
		return intrinsic_fail(call, "The %s argument must be between %d and %d but is %s", ordinals[number],
							  PG_INT32_MIN, PG_INT32_MAX, value->u.text);
	*n = (int64) rounded;
	return true;
}
