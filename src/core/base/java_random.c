/*
 * java_random.c
 *	  The numbers that java.util.Random gives for a seed.
 *
 * Its documentation fixes the generator: a linear congruential one of 48 bits.
 */
#include "base/java_random.h"

#define MULTIPLIER UINT64CONST(0x5DEECE66D)
#define STATE_MASK ((UINT64CONST(1) << 48) - 1)

void
java_random_seed(JavaRandom *random, int64 seed)
{
	random->state = ((uint64) seed ^ MULTIPLIER) & STATE_MASK;
}

/* The upper bits of the next state. */
static uint32
next_bits(JavaRandom *random, int bits)
{
	random->state = (random->state * MULTIPLIER + 0xB) & STATE_MASK;
	return (uint32) (random->state >> (48 - bits));
}

int32
java_random_below(JavaRandom *random, int32 bound)
{
	uint32 bits = next_bits(random, 31);
	uint32 result = bits % (uint32) bound;

	/* a power of two takes the upper bits */
	if ((bound & (bound - 1)) == 0)
		return (int32) (((uint64) bits * (uint64) bound) >> 31);
	/* the incomplete last round would favour small numbers */
	while (bits - result > (uint32) PG_INT32_MAX - (uint32) (bound - 1))
	{
		bits = next_bits(random, 31);
		result = bits % (uint32) bound;
	}
	return (int32) result;
}

double
java_random_double(JavaRandom *random)
{
	uint64 high = next_bits(random, 26);

	return (double) ((high << 27) + next_bits(random, 27)) / (double) (UINT64CONST(1) << 53);
}
