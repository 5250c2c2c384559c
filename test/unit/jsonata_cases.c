/*
 * jsonata_cases.c
 *	  Runs a folder of JSONata cases: jsonata_cases FOLDER [-v] [GROUP ...]
 *
 * The folder holds <group>.jsonl files, one case a line, and datasets/.  A case
 * has expr, data or dataset, bindings, and one of result, undefinedResult, code.
 * Prints failing cases and a line for each group that has some; the exit status
 * is 0 only when every case passed.
 */
#include "unit/unit.h"

#include <dirent.h>
#include <math.h>
#include <time.h>

#include "jsonata/jsonata.h"

static const char *folder;
static bool verbose;
static int passed;
static int failed;
static int skipped;
static int near_only;

/* ---- comparing ---- */

static bool same(const JsonVal *a, const JsonVal *b, bool unordered, bool *near);

static bool
same_numbers(double a, double b, bool *near)
{
	if (a == b)
		return true;
	if (fabs(a - b) > Max(1e-10 * Max(fabs(a), fabs(b)), 1e-12))
		return false;
	*near = true;
	return true;
}

static bool
same_arrays(const JsonVal *a, const JsonVal *b, bool unordered, bool *near)
{
	bool *used = palloc0(b->count + 1);

	if (a->count != b->count)
		return false;
	for (int i = 0; i < a->count; i++)
	{
		int k = unordered ? 0 : i;

		while (k < b->count && (used[k] || !same(a->u.items[i], b->u.items[k], false, near)))
			k = unordered ? k + 1 : b->count;
		if (k == b->count)
			return false;
		used[k] = true;
	}
	return true;
}

static bool
same_objects(const JsonVal *a, const JsonVal *b, bool *near)
{
	if (a->count != b->count)
		return false;
	for (int i = 0; i < a->count; i++)
	{
		const JsonVal *other = jv_get_n(b, a->u.members[i].key, a->u.members[i].key_length);

		if (other == NULL || !same(a->u.members[i].value, other, false, near))
			return false;
	}
	return true;
}

/* *near is set where only a tolerance made numbers equal. */
static bool
same(const JsonVal *a, const JsonVal *b, bool unordered, bool *near)
{
	if (a->type != b->type)
		return false;
	switch (a->type)
	{
		case JV_NUMBER:
			return same_numbers(a->number, b->number, near);
		case JV_ARRAY:
			return same_arrays(a, b, unordered, near);
		case JV_OBJECT:
			return same_objects(a, b, near);
		default:
			return jv_equal(a, b);
	}
}

/* ---- one case ---- */

static const JsonVal *
lookup_binding(const JsonataBindings *bindings, const char *name, int length)
{
	return jv_get_n(bindings->owner, name, length);
}

static const JsonVal *
read_json(const char *name)
{
	int length;
	char *text = unit_read_file(name, &length);
	JvParseError error;

	return jv_parse(text, length, &error);
}

/* The case's input; *known is false when its dataset cannot be read. */
static const JsonVal *
case_input(const JsonVal *one, bool *known)
{
	const JsonVal *dataset = jv_get(one, "dataset");
	const JsonVal *input = jv_get(one, "data");

	*known = true;
	if (!jv_is(dataset, JV_STRING))
		return input;
	input = read_json(psprintf("%s/datasets/%s.json", folder, dataset->u.text));
	*known = input != NULL;
	return input;
}

/* NULL when the outcome is the expected one, else what came. */
static char *
check_outcome(const JsonVal *one, bool ok, const JsonVal *result, const JsonataError *error, bool *near)
{
	const JsonVal *code = jv_get(one, "code");
	const JsonVal *token = jv_get(one, "token");

	if (!ok)
	{
		if (code != NULL && (code->type == JV_NULL || strcmp(code->u.text, error->code) == 0) &&
			(!jv_is(token, JV_STRING) || (error->token != NULL && strcmp(token->u.text, error->token) == 0)))
			return NULL;
		return psprintf("error %s: %s", error->code, error->message);
	}
	if (code != NULL)
		return psprintf("no error but %s", result == NULL ? "undefined" : jv_to_text(result));
	if (jv_get(one, "undefinedResult") != NULL)
		return result == NULL ? NULL : jv_to_text(result);
	if (result == NULL)
		return pstrdup("undefined");
	if (same(result, jv_get(one, "result"), jv_is(jv_get(one, "unordered"), JV_BOOL), near))
		return NULL;
	return jv_to_text(result);
}

static void
run_case(const JsonVal *one)
{
	const JsonVal *expr = jv_get(one, "expr");
	const JsonVal *depth = jv_get(one, "depth");
	const JsonVal *code = jv_get(one, "code");
	JsonataBindings bindings = {lookup_binding, NULL, unconstify(JsonVal *, jv_get(one, "bindings"))};
	JsonataLimits limits = {0};
	JsonataError error;
	JsonataExpression *expression;
	const JsonVal *result = NULL;
	bool known;
	bool near = false;
	const JsonVal *input = case_input(one, &known);
	bool ok = false;
	char *complaint;

	limits.timeout_ms = 20000;
	if (jv_is(code, JV_STRING) && strcmp(code->u.text, "U1001") == 0 && depth != NULL)
	{
		limits.timeout_ms = 2000;
		limits.max_depth = (int) depth->number;
	}
	expression = jsonata_compile(expr->u.text, expr->count, NULL, &error);
	if (expression != NULL)
	{
		TimestampTz now = ((TimestampTz) time(NULL) - 946684800) * INT64CONST(1000000);

		ok = jsonata_eval(expression, input, &bindings, &limits, now, &result, &error);
	}
	complaint = known ? check_outcome(one, ok, result, &error, &near) : pstrdup("dataset cannot be read");
	near_only += complaint == NULL && near;
	if (complaint == NULL)
		passed++;
	else
	{
		failed++;
		printf("not ok %s\n", jv_get_string(one, "id"));
		if (verbose)
			printf("    %s\n    expected %s\n    got %.400s\n", expr->u.text,
				   code != NULL                        ? jv_to_text(code)
					   : jv_get(one, "result") == NULL ? "undefined"
													   : jv_to_text(jv_get(one, "result")),
				   complaint);
	}
}

/* ---- all of them ---- */

static bool
is_wanted(const char *file, char **groups, int count)
{
	const char *dot = strstr(file, ".jsonl");

	if (dot == NULL || dot[6] != '\0')
		return false;
	for (int i = 0; i < count; i++)
	{
		if (strlen(groups[i]) == (size_t) (dot - file) && strncmp(groups[i], file, dot - file) == 0)
			return true;
	}
	return count == 0;
}

static void
run_file(const char *name)
{
	int length;
	int failed_before = failed;
	int passed_before = passed;
	char *file = strdup(name);
	FILE *f = fopen(psprintf("%s/%s", folder, name), "r");
	char *line = NULL;
	size_t size = 0;

	while (f != NULL && (length = getline(&line, &size, f)) > 0)
	{
		JvParseError error;
		const JsonVal *one = jv_parse(line, length, &error);

		if (one != NULL)
			run_case(one);
		else
		{
			/* a half character cannot be written as UTF-8 */
			skipped++;
			printf("skipped: %.80s\n", line);
		}
		unit_reset_memory();
	}
	if (f != NULL)
		fclose(f);
	if (failed > failed_before)
		printf("%s: %d of %d failed\n", file, failed - failed_before, failed + passed - failed_before - passed_before);
	free(line);
	free(file);
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

int
main(int argc, char **argv)
{
	DIR *directory;
	struct dirent *entry;
	char *names[1000];
	int count = 0;

	if (argc < 2)
	{
		fprintf(stderr, "usage: jsonata_cases FOLDER [-v] [GROUP ...]\n");
		return 2;
	}
	folder = argv[1];
	argc -= 2;
	argv += 2;
	if (argc > 0 && strcmp(argv[0], "-v") == 0)
	{
		verbose = true;
		argc--;
		argv++;
	}
	directory = opendir(folder);
	if (directory == NULL)
	{
		fprintf(stderr, "cannot open %s\n", folder);
		return 2;
	}
	while ((entry = readdir(directory)) != NULL && count < (int) lengthof(names))
	{
		if (is_wanted(entry->d_name, argv, argc))
			names[count++] = strdup(entry->d_name);
	}
	closedir(directory);
	qsort(names, count, sizeof(char *), compare_names);
	for (int i = 0; i < count; i++)
	{
		run_file(names[i]);
		free(names[i]);
	}
	printf("%d passed, %d failed, %d skipped, %d right only within tolerance\n", passed, failed, skipped, near_only);
	return failed == 0 && passed > 0 ? 0 : 1;
}
