/*
 * fn_aws.c
 *	  Functions that AWS adds to the language, and random numbers.
 */
#include "base/port.h"

#include "base/hashes.h"
#include "base/java_random.h"
#include "jsonata/library.h"

/* A code that the language has for $error(). */
static const JsonVal *
fail_argument(Call *call, const char *message)
{
	return jn_fail_message(call->ev, "D3137", message);
}

/* $partition(array, size): pieces of that size, the last one perhaps shorter; without a size one piece. */
const JsonVal *
fn_partition(Call *call)
{
	Evaluation *ev = call->ev;
	const JsonVal *array = call->args[0];
	JnArray *pieces;
	double size;
	int step;

	if (array == NULL || array->count == 0)
		return NULL;
	size = call->args[1] != NULL ? trunc(call->args[1]->number) : array->count;
	if (size < 0)
		return fail_argument(call, "Second argument must be zero or greater");
	if (!(size >= 1))
		return NULL;
	step = (int) Min(size, array->count);
	pieces = jn_array(ev, 0, 0);
	for (int i = 0; i < array->count; i += step)
	{
		int count = Min(step, array->count - i);
		JnArray *piece = jn_array(ev, count, 0);

		JN_TICK(ev);
		for (int k = 0; k < count; k++)
			JN_CHECK(jn_push(ev, piece, array->u.items[i + k]));
		JN_CHECK(jn_push(ev, pieces, &piece->v));
	}
	return &pieces->v;
}

/* $range(first, last, step): from first to last, both included; undefined when no step leads there. */
const JsonVal *
fn_range(Call *call)
{
	Evaluation *ev = call->ev;
	double first;
	double step;
	double count;
	JnArray *numbers;

	if (call->args[0] == NULL || call->args[1] == NULL || call->args[2] == NULL)
		return NULL;
	first = trunc(call->args[0]->number);
	step = trunc(call->args[2]->number);
	count = floor((trunc(call->args[1]->number) - first) / step) + 1;
	if (step == 0 || !(count >= 1))
		return NULL;
	JN_CHECK(jn_check_held_list(ev, count));
	if (count > ev->max_sequence)
		return jn_fail_value(ev, "D2015", jn_number(ev, count));
	numbers = jn_sequence(ev, 0);
	for (int i = 0; i < (int) count; i++)
	{
		JN_TICK(ev);
		JN_CHECK(jn_push(ev, numbers, jn_number(ev, first + i * step)));
	}
	return &numbers->v;
}

/* $hash(string, algorithm) */
const JsonVal *
fn_hash(Call *call)
{
	const JsonVal *str = call->args[0];
	const JsonVal *value;
	char *digest;

	if (str == NULL || call->args[1] == NULL)
		return NULL;
	digest = hash_hex(call->args[1]->u.text, str->u.text, str->count);
	if (digest == NULL)
		return fail_argument(call, "The hash algorithm must be one of MD5, SHA-1, SHA-256, SHA-384, SHA-512");
	value = jn_text(call->ev, digest, strlen(digest));
	pfree(digest);
	return value;
}

/* $parse(text): the value of a JSON text. */
const JsonVal *
fn_parse(Call *call)
{
	const JsonVal *str = call->args[0];
	const JsonVal *value;
	JvParseError error;

	if (str == NULL)
		return NULL;
	JN_CHECK(jn_charge(call->ev, (Size) str->count * 24 + 256));
	value = jv_parse(str->u.text, str->count, &error);
	if (value == NULL)
	{
		fail_argument(call, "Invalid JSON");
		call->ev->failure.value = str;
		return JN_FAIL;
	}
	if (value->type == JV_NUMBER && value->number == 0)
		return jv_int(0);
	return value;
}

/* ---- random numbers ---- */

static uint64
next_random(Evaluation *ev)
{
	uint64 x = ev->random_state[0];
	uint64 y = ev->random_state[1];

	ev->random_state[0] = y;
	x ^= x << 23;
	ev->random_state[1] = x ^ y ^ (x >> 17) ^ (y >> 26);
	return ev->random_state[1] + y;
}

/* 0 <= r < 1, from the caller's generator when there is one. */
double
jn_random(Evaluation *ev)
{
	if (ev->bindings != NULL && ev->bindings->random != NULL)
		return ev->bindings->random(ev->bindings);
	if (!ev->random_ready)
	{
		if (!pg_strong_random(ev->random_state, sizeof(ev->random_state)))
			ev->random_state[0] = (uint64) ev->now;
		ev->random_state[1] |= 1;
		ev->random_ready = true;
	}
	return (double) (next_random(ev) >> 11) / 9007199254740992.0;
}

/* $random(seed): the same number for the same seed, as Java's generator has it. */
const JsonVal *
fn_random_seeded(Call *call)
{
	JavaRandom random;
	double seed;

	if (call->args[0] == NULL)
		return jn_number(call->ev, jn_random(call->ev));
	seed = trunc(call->args[0]->number);
	if (!(fabs(seed) < 9e18))
		return fail_argument(call, "The seed must be an integer");
	java_random_seed(&random, (int64) seed);
	return jn_number(call->ev, java_random_double(&random));
}

/* $uuid(): a random one, version 4. */
const JsonVal *
fn_uuid(Call *call)
{
	static const char digits[] = "0123456789abcdef";
	char text[] = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";

	for (int i = 0; text[i] != '\0'; i++)
	{
		if (text[i] == 'x')
			text[i] = digits[(int) (jn_random(call->ev) * 16) & 15];
		else if (text[i] == 'y')
			text[i] = digits[8 + ((int) (jn_random(call->ev) * 4) & 3)];
	}
	return jn_text(call->ev, text, strlen(text));
}
