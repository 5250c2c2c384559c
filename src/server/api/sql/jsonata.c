/*
 * jsonata.c
 *	  sfn.jsonata(): an expression evaluated for anyone.
 *
 * Compiled expressions are kept for the session, by their text, each in a context
 * of its own below "sfn jsonata"; when there are MAX_EXPRESSIONS of them, all are
 * dropped and those still used are compiled again.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "api/answers.h"
#include "api/arguments.h"
#include "asl/jsonata_field.h"
#include "jsonata/jsonata.h"
#include "settings/clock.h"
#include "settings/compat.h"
#include "settings/guc.h"
#include "store/sql_version.h"

#define MAX_EXPRESSIONS 500
#define MAX_KEPT_LENGTH 65536 /* longer texts are compiled for each call */

typedef struct KeptExpression
{
	uint64 hash; /* of the text; the key */
	int length;
	char *text;
	JsonataExpression *expression;
} KeptExpression;

static HTAB *expressions;
static MemoryContext expressions_context;

pg_noreturn static void
raise_jsonata_error(const JsonataError *error, bool is_syntax)
{
	ereport(ERROR,
			(errcode(is_syntax ? ERRCODE_SYNTAX_ERROR : ERRCODE_DATA_EXCEPTION),
			 errmsg("%s: %s", error->code, error->message),
			 error->offset >= 0 ? errdetail("At character %d of the expression.", error->offset + 1) : 0));
}

static JsonataExpression *
compile(const char *text, int length)
{
	static const JsonataOptions options = {.aws_functions = true};
	JsonataError error = {{0}};
	JsonataExpression *expression = jsonata_compile(text, length, &options, &error);

	if (expression == NULL)
		raise_jsonata_error(&error, true);
	return expression;
}

static void
cache_begin(void)
{
	HASHCTL control = {.keysize = sizeof(uint64), .entrysize = sizeof(KeptExpression)};

	expressions_context = AllocSetContextCreate(TopMemoryContext, "sfn jsonata", ALLOCSET_DEFAULT_SIZES);
	control.hcxt = expressions_context;
	expressions = hash_create("sfn jsonata", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/* Compiles the text and keeps it. */
static JsonataExpression *
compile_kept(const char *text, int length, uint64 hash)
{
	MemoryContext context;
	MemoryContext old;
	KeptExpression made = {.hash = hash, .length = length};
	KeptExpression *entry;
	bool found;

	if (expressions != NULL && hash_get_num_entries(expressions) >= MAX_EXPRESSIONS)
	{
		hash_destroy(expressions);
		MemoryContextDelete(expressions_context);
		expressions = NULL;
	}
	if (expressions == NULL)
		cache_begin();
	/* below the caller's until nothing can fail, so that an expression that cannot be compiled leaves nothing */
	context = AllocSetContextCreate(CurrentMemoryContext, "sfn jsonata expression", ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(context);
	made.text = pnstrdup(text, length);
	made.expression = compile(made.text, length);
	MemoryContextSwitchTo(old);
	entry = hash_search(expressions, &hash, HASH_ENTER, &found);
	*entry = made;
	MemoryContextSetParent(context, expressions_context);
	return made.expression;
}

static JsonataExpression *
find_expression(const char *text, int length)
{
	uint64 hash;
	KeptExpression *entry;

	if (length > MAX_KEPT_LENGTH)
		return compile(text, length);
	hash = hash_bytes_extended((const unsigned char *) text, length, 0);
	entry = expressions != NULL ? hash_search(expressions, &hash, HASH_FIND, NULL) : NULL;
	if (entry == NULL)
		return compile_kept(text, length, hash);
	if (entry->length == length && memcmp(entry->text, text, length) == 0)
		return entry->expression;
	return compile(text, length); /* another text with this hash is there */
}

static const JsonVal *
lookup_binding(const JsonataBindings *bindings, const char *name, int length)
{
	return jv_get_n(bindings->owner, name, length);
}

SFN_FUNCTION(sfn_jsonata)
{
	text *source;
	const JsonVal *input;
	const JsonVal *bound;
	const JsonVal *result;
	JsonataBindings bindings = {.lookup = lookup_binding};
	JsonataError error = {{0}};
	JsonataExpression *expression;
	JsonataLimits limits = {.timeout_ms = jsonata_field_limits.timeout_ms, .max_depth = sfn_jsonata_max_depth};

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	source = PG_GETARG_TEXT_PP(0);
	input = json_value_argument(fcinfo, 1);
	bound = json_value_argument(fcinfo, 2);
	if (bound != NULL && bound->type != JV_OBJECT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("bindings must be an object, not %s", jv_type_name(bound)),
				 errhint("They look like this: {\"name\": 1}, and are read as $name.")));
	bindings.owner = unconstify(JsonVal *, bound);
	expression = find_expression(VARDATA_ANY(source), (int) VARSIZE_ANY_EXHDR(source));
	if (!jsonata_eval(expression, input, bound != NULL ? &bindings : NULL, &limits, sfn_now(), &result, &error))
		raise_jsonata_error(&error, false);
	if (result == NULL)
		PG_RETURN_NULL();
	return json_datum(result);
}
