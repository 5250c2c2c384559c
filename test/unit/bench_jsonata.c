/*
 * bench_jsonata.c
 *	  How long JSONata takes: a plain -O2 program, not run by make unit.
 *
 *		bench_jsonata [EXPRESSION [INPUT]]
 *
 * Measures the expressions of the target table on input that is parsed, each
 * compiled once, in processor time.  Memory is one arena (arena.h) that is reset per evaluation, as the
 * server's context is.
 */
#include "base/port.h"

#include <time.h>

#include "arena.h"
#include "jsonata/jsonata.h"

/* ---- measuring ---- */

static const char *const order_text =
	"{\"id\":4711,\"limit\":75,\"name\":\"Ada Lovelace\",\"tags\":[\"a\",\"b\"],\"order\":{\"number\":\"O-1\",\"customer\":"
	"{\"name\":\"Ada\",\"tier\":\"gold\"},\"items\":["
	"{\"sku\":\"a\",\"qty\":1,\"price\":1.5},{\"sku\":\"b\",\"qty\":2,\"price\":2.5},{\"sku\":\"c\",\"qty\":3,\"price\":3.5},"
	"{\"sku\":\"d\",\"qty\":4,\"price\":4.5},{\"sku\":\"e\",\"qty\":5,\"price\":5.5},{\"sku\":\"f\",\"qty\":6,\"price\":6.5},"
	"{\"sku\":\"g\",\"qty\":7,\"price\":7.5},{\"sku\":\"h\",\"qty\":8,\"price\":8.5},{\"sku\":\"i\",\"qty\":9,\"price\":9.5},"
	"{\"sku\":\"j\",\"qty\":10,\"price\":10.5}]}}";

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void
measure(const char *title, const char *text, const JsonVal *input)
{
	JsonataError error;
	JsonataExpression *expression = jsonata_compile(text, strlen(text), NULL, &error);
	const JsonVal *result = NULL;
	size_t mark = arena_used;
	int64 rounds = 0;
	double begun = seconds();
	double spent;

	if (expression == NULL)
	{
		printf("%s: %s %s\n", text, error.code, error.message);
		return;
	}
	do
	{
		for (int i = 0; i < 1000; i++)
		{
			arena_used = mark;
			if (!jsonata_eval(expression, input, NULL, NULL, 0, &result, &error))
			{
				printf("%s: %s %s\n", text, error.code, error.message);
				return;
			}
		}
		rounds += 1000;
		spent = seconds() - begun;
	} while (spent < 1);
	printf("%-12s %10.0f /s  %7.3f us   %s\n", title, rounds / spent, spent / rounds * 1e6,
		   result == NULL ? "undefined" : jv_to_text(result));
}

int
main(int argc, char **argv)
{
	JvParseError parse_error;
	const JsonVal *input;

	arena_begin();
	input = jv_parse(argc > 2 ? argv[2] : order_text, strlen(argc > 2 ? argv[2] : order_text), &parse_error);
	if (argc > 1)
	{
		measure("expression", argv[1], input);
		return 0;
	}
	measure("predicate", "order.customer.tier = 'gold' and limit > 50", input);
	measure("reshape",
			"{'id': id, 'who': $uppercase(name), 'first': order.items[0].sku, 'label': $substring(name, 0, 3)}", input);
	measure("aggregate", "$sum(order.items[qty > 3].(qty * price))", input);
	return 0;
}
