/*
 * definitions_check.c
 *	  Compiles every definition of some files and says where we differ.
 *
 *	  definitions_check FILE...
 *
 * A line of a file is a JSON object with "id", "definition" (an object, or a
 * text) and "valid" (true, false or null).  Valid ones must compile and invalid
 * ones must not; none may take longer than TIME_LIMIT_MS.  Prints each deviation and the counts.  Not part of "make
 * unit" since it needs the files; the exit status is 1 when a valid definition
 * was refused or one took too long.
 */
#include "base/port.h"

#include <time.h>

#include "asl/compile.h"
#include "engine/engine.h"
#include "unit/unit.h"

#define TIME_LIMIT_MS 50

typedef struct Counts
{
	int all;
	int jsonata;
	int valid_accepted;
	int valid_refused;
	int invalid_accepted;
	int invalid_refused;
	int unknown_accepted;
	int unknown_refused;
	int slow;
	double slowest_ms;
} Counts;

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000.0 + t.tv_nsec / 1e6;
}

/* True when a part of the definition says JSONata. */
static bool
uses_jsonata(const JsonVal *value)
{
	for (int i = 0; i < value->count; i++)
	{
		if (value->type == JV_OBJECT &&
			((strcmp(value->u.members[i].key, "QueryLanguage") == 0 && jv_is(value->u.members[i].value, JV_STRING) &&
			  strcmp(value->u.members[i].value->u.text, "JSONata") == 0) ||
			 uses_jsonata(value->u.members[i].value)))
			return true;
		if (value->type == JV_ARRAY && uses_jsonata(value->u.items[i]))
			return true;
	}
	return false;
}

static void
print_problems(const DiagnosticList *list, DiagnosticSeverity severity)
{
	for (int i = 0; i < list->count; i++)
	{
		const Diagnostic *item = &list->items[i];

		if (item->severity == severity)
			printf("    %s: %s at %s (line %d, column %d)%s%s\n", item->code, item->message,
				   item->location == NULL ? "-" : item->location, item->line, item->column,
				   item->hint == NULL ? "" : "; hint: ", item->hint == NULL ? "" : item->hint);
	}
}

/* Compiles one definition and counts how it went. */
static void
check_definition(const JsonVal *line, const char *text, Counts *counts, bool show_all)
{
	const JsonVal *valid = jv_get(line, "valid");
	DiagnosticList list;
	double begin = now_ms();
	double taken;
	bool accepted = asl_compile(text, strlen(text), false, state_types, state_type_count, &list) != NULL;
	const char *id = jv_get_string(line, "id");

	taken = now_ms() - begin;
	counts->slowest_ms = Max(counts->slowest_ms, taken);
	if (taken > TIME_LIMIT_MS)
	{
		counts->slow++;
		printf("SLOW %s: %.1f ms\n", id, taken);
	}
	if (uses_jsonata(jv_get(line, "definition")))
		counts->jsonata++;
	if (valid == NULL || valid->type != JV_BOOL)
		*(accepted ? &counts->unknown_accepted : &counts->unknown_refused) += 1;
	else if (valid->boolean)
		*(accepted ? &counts->valid_accepted : &counts->valid_refused) += 1;
	else
		*(accepted ? &counts->invalid_accepted : &counts->invalid_refused) += 1;

	if (jv_is(valid, JV_BOOL) && valid->boolean != accepted)
		printf("%s %s\n", accepted ? "ACCEPTED THOUGH INVALID" : "REFUSED THOUGH VALID", id);
	else if (show_all)
		printf("%s %s\n", accepted ? "accepted" : "refused", id);
	if (show_all || (jv_is(valid, JV_BOOL) && valid->boolean && !accepted))
		print_problems(&list, DIAGNOSTIC_ERROR);
	if (show_all)
		print_problems(&list, DIAGNOSTIC_WARNING);
}

static void
check_file(const char *name, Counts *counts, bool show_all)
{
	int length;
	char *content = unit_read_file(name, &length);
	char *begin = content;

	while (begin != NULL && *begin != '\0')
	{
		char *end = strchr(begin, '\n');
		JvParseError error;
		const JsonVal *line = jv_parse(begin, end == NULL ? (int) strlen(begin) : (int) (end - begin), &error);
		const JsonVal *definition = jv_get(line, "definition");

		counts->all++;
		if (line == NULL || definition == NULL)
			printf("%s: a line holds no definition\n", name);
		else
			check_definition(line, definition->type == JV_STRING ? definition->u.text : jv_to_text(definition), counts,
							 show_all);
		begin = end == NULL ? NULL : end + 1;
	}
}

int
main(int argc, char **argv)
{
	Counts counts;
	bool show_all = argc > 1 && strcmp(argv[1], "-v") == 0;

	memset(&counts, 0, sizeof(counts));
	for (int i = show_all ? 2 : 1; i < argc; i++)
		check_file(argv[i], &counts, show_all);
	printf("%d definitions, %d of them JSONata\n", counts.all, counts.jsonata);
	printf("valid: %d compile, %d refused\n", counts.valid_accepted, counts.valid_refused);
	printf("invalid: %d refused, %d compile\n", counts.invalid_refused, counts.invalid_accepted);
	printf("unknown: %d compile, %d refused\n", counts.unknown_accepted, counts.unknown_refused);
	printf("slowest: %.1f ms, over %d ms: %d\n", counts.slowest_ms, TIME_LIMIT_MS, counts.slow);
	return counts.valid_refused + counts.slow > 0;
}
