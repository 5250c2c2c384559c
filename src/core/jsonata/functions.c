/*
 * functions.c
 *	  The table of the language's functions.
 *
 * A row has the name, the signature (signature.c reads it once), how many
 * arguments the higher-order functions hand over, and the function itself, which
 * gets arguments that fit the signature.  An argument not given is undefined.
 */
#include "base/port.h"

#include "jsonata/library.h"

static const Builtin builtins[] = {
	{"abs", "<n-:n>", 1, fn_abs},
	{"append", "<xx:a>", 2, fn_append},
	{"assert", "<bs?:x>", 2, fn_assert},
	{"average", "<a<n>:n>", 1, fn_average},
	{"base64decode", "<s-:s>", 1, fn_base64_decode},
	{"base64encode", "<s-:s>", 1, fn_base64_encode},
	{"boolean", "<x-:b>", 1, fn_boolean},
	{"ceil", "<n-:n>", 1, fn_ceil},
	{"clone", "<(oa)-:o>", 1, fn_clone},
	{"contains", "<s-(sf):b>", 2, fn_contains},
	{"count", "<a:n>", 1, fn_count},
	{"decodeUrl", "<s-:s>", 1, fn_decode_url},
	{"decodeUrlComponent", "<s-:s>", 1, fn_decode_url_component},
	{"distinct", "<x:x>", 1, fn_distinct},
	{"each", "<o-f:a>", 2, fn_each},
	{"encodeUrl", "<s-:s>", 1, fn_encode_url},
	{"encodeUrlComponent", "<s-:s>", 1, fn_encode_url_component},
	{"error", "<s?:x>", 1, fn_error},
	{"eval", "<sx?:x>", 2, fn_eval},
	{"exists", "<x:b>", 1, fn_exists},
	{"filter", "<af>", 2, fn_filter},
	{"floor", "<n-:n>", 1, fn_floor},
	{"formatBase", "<n-n?:s>", 2, fn_format_base},
	{"formatInteger", "<n-s:s>", 2, fn_format_integer},
	{"formatNumber", "<n-so?:s>", 3, fn_format_number},
	{"fromMillis", "<n-s?s?:s>", 3, fn_from_millis},
	{"join", "<a<s>s?:s>", 2, fn_join},
	{"keys", "<x-:a<s>>", 1, fn_keys},
	{"length", "<s-:n>", 1, fn_length},
	{"lookup", "<x-s:x>", 2, fn_lookup},
	{"lowercase", "<s-:s>", 1, fn_lowercase},
	{"map", "<af>", 2, fn_map},
	{"match", "<s-f<s:o>n?:a<o>>", 3, fn_match},
	{"max", "<a<n>:n>", 1, fn_max},
	{"merge", "<a<o>:o>", 1, fn_merge},
	{"millis", "<:n>", 0, fn_millis},
	{"min", "<a<n>:n>", 1, fn_min},
	{"not", "<x-:b>", 1, fn_not},
	{"now", "<s?s?:s>", 2, fn_now},
	{"number", "<(nsb)-:n>", 1, fn_number},
	{"pad", "<s-ns?:s>", 3, fn_pad},
	{"parseInteger", "<s-s:n>", 2, fn_parse_integer},
	{"power", "<n-n:n>", 2, fn_power},
	{"random", "<:n>", 0, fn_random},
	{"reduce", "<afj?:j>", 3, fn_reduce},
	{"replace", "<s-(sf)(sf)n?:s>", 4, fn_replace},
	{"reverse", "<a:a>", 1, fn_reverse},
	{"round", "<n-n?:n>", 2, fn_round},
	{"shuffle", "<a:a>", 1, fn_shuffle},
	{"sift", "<o-f?:o>", 2, fn_sift},
	{"single", "<af?>", 2, fn_single},
	{"sort", "<af?:a>", 2, fn_sort},
	{"split", "<s-(sf)n?:a<s>>", 3, fn_split},
	{"spread", "<x-:a<o>>", 1, fn_spread},
	{"sqrt", "<n-:n>", 1, fn_sqrt},
	{"string", "<x-b?:s>", 1, fn_string},
	{"substring", "<s-nn?:s>", 3, fn_substring},
	{"substringAfter", "<s-s:s>", 2, fn_substring_after},
	{"substringBefore", "<s-s:s>", 2, fn_substring_before},
	{"sum", "<a<n>:n>", 1, fn_sum},
	{"toMillis", "<s-s?:n>", 2, fn_to_millis},
	{"trim", "<s-:s>", 1, fn_trim},
	{"type", "<x:s>", 1, fn_type},
	{"uppercase", "<s-:s>", 1, fn_uppercase},
	{"zip", "<a+>", 1, fn_zip},
};

/* Those that AWS adds or has otherwise. */
static const Builtin aws_builtins[] = {
	{"hash", "<s-s?:s>", 2, fn_hash},          {"parse", "<s-:x>", 1, fn_parse},
	{"partition", "<an?:a>", 2, fn_partition}, {"random", "<n?:n>", 0, fn_random_seeded},
	{"range", "<nnn?:a>", 3, fn_range},        {"uuid", "<:s>", 0, fn_uuid},
};

#define BUILTIN_COUNT ((int) (lengthof(builtins) + lengthof(aws_builtins)))

static const Builtin *
builtin_row(int row)
{
	if (row < (int) lengthof(builtins))
		return &builtins[row];
	return &aws_builtins[row - lengthof(builtins)];
}

/* The rows as function values, made when the first is asked for; the same in every evaluation. */
static const JsonVal *
builtin_value(int row)
{
	static Function functions[BUILTIN_COUNT];
	static Signature signatures[BUILTIN_COUNT];
	Function *function = &functions[row];

	if (function->builtin == NULL)
	{
		const Builtin *builtin = builtin_row(row);
		const char *code;
		char value[64];
		int where;

		(void) jn_signature_read(&signatures[row], builtin->signature, strlen(builtin->signature), &code, &where,
								 value);
		function->v.type = JN_FUNCTION;
		function->kind = FUNCTION_BUILTIN;
		function->arity = builtin->arity;
		function->signature = &signatures[row];
		function->builtin = builtin;
	}
	return &function->v;
}

/* The function of that name, or NULL; AWS's own come before the language's. */
const JsonVal *
jn_builtin(const char *name, int length, const JsonataOptions *options)
{
	const JsonVal *found = NULL;

	if (options->as_aws && length == 4 && memcmp(name, "eval", 4) == 0)
		return NULL;
	for (int i = 0; i < (options->aws_functions ? BUILTIN_COUNT : (int) lengthof(builtins)); i++)
	{
		const char *row_name = builtin_row(i)->name;

		if ((int) strlen(row_name) == length && memcmp(row_name, name, length) == 0)
			found = builtin_value(i);
	}
	return found;
}

/* Whether the language has a function of that name (without "$"). */
bool
jsonata_has_function(const char *name, int length, const JsonataOptions *options)
{
	static const JsonataOptions plain = {false, false};

	return jn_builtin(name, length, options != NULL ? options : &plain) != NULL;
}
