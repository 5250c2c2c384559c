/*
 * intrinsic_math.c
 *	  States.MathAdd, States.MathRandom.
 */
#include "base/port.h"

#include <math.h>

#include "base/java_random.h"
#include "jsonpath/intrinsic.h"

/* States.MathAdd(a, b): each is rounded first, halves upwards. */
bool
intrinsic_math_add(IntrinsicCall *call, const JsonVal **result)
{
	int64 a;
	int64 b;

	if (!intrinsic_integer(call, 0, &a) || !intrinsic_integer(call, 1, &b))
		return false;
	*result = jv_int(a + b);
	return true;
}

/* A number from 0 to below range: of a seed always the same one. */
static int64
random_below(IntrinsicCall *call, int64 range, const int64 *seed)
{
	JavaRandom random;

	if (seed != NULL)
	{
		java_random_seed(&random, *seed);
		if (range <= PG_INT32_MAX)
			return java_random_below(&random, (int32) range);
		return (int64) (java_random_double(&random) * (double) range);
	}
	if (call->scope->random != NULL)
		return (int64) (call->scope->random(call->scope) * (double) range);
	if (!pg_strong_random(&random.state, sizeof(random.state)))
		return 0;
	return (int64) (random.state % (uint64) range);
}

/* States.MathRandom(first, end[, seed]): first <= n < end. */
bool
intrinsic_math_random(IntrinsicCall *call, const JsonVal **result)
{
	int64 first;
	int64 end;
	int64 seed = 0;

	if (!intrinsic_integer(call, 0, &first) || !intrinsic_integer(call, 1, &end))
		return false;
	if (call->count > 2 && !intrinsic_integer(call, 2, &seed))
		return false;
	if (first >= end)
		return intrinsic_fail(call, "The first number must be less than the end: " INT64_FORMAT ", " INT64_FORMAT,
							  first, end);
	*result = jv_int(first + random_below(call, end - first, call->count > 2 ? &seed : NULL));
	return true;
}
