/*
 * java_random.h
 *	  The numbers that java.util.Random gives for a seed.
 *
 * AWS's seeded functions answer with them, so the same seed gives the same
 * number here as there.
 */
#ifndef SFN_BASE_JAVA_RANDOM_H
#define SFN_BASE_JAVA_RANDOM_H

#include "base/port.h"

typedef struct JavaRandom
{
	uint64 state;
} JavaRandom;

extern void java_random_seed(JavaRandom *random, int64 seed);
extern int32 java_random_below(JavaRandom *random, int32 bound); /* 0 <= n < bound, bound > 0 */
extern double java_random_double(JavaRandom *random);            /* 0 <= r < 1 */

#endif /* SFN_BASE_JAVA_RANDOM_H */
