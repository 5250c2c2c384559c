/*
 * generated_name.c
 *	  Names of executions that nobody chose: UUIDs of version 8 that say where the execution is.
 *
 *	  sssiiiii-iiii-8iii-vijr-rrrrrrrrrrrr
 *
 * s: the shard; i: the id, 36 bits before the version, 12 behind it and 15 behind the variant (v: two bits of variant and two of
 * the id; j: the last bit of the id and three random ones); r: random.
 */
#include "aws/generated_name.h"

#define VERSION UINT64CONST(8)
#define VARIANT UINT64CONST(2)
#define RANDOM_BITS 47

static const char dashes[] = {8, 13, 18, 23};

static bool
is_dash(int place)
{
	return memchr(dashes, place, sizeof(dashes)) != NULL;
}

char *
generated_name(int shard, int64 id, uint64 random)
{
	static const char digits[] = "0123456789abcdef";
	uint64 bits = (uint64) id;
	uint64 halves[2] = {(uint64) (shard & 0xfff) << 52 | bits >> 27 << 16 | VERSION << 12 | (bits >> 15 & 0xfff),
						VARIANT << 62 | (bits & 0x7fff) << RANDOM_BITS |
							(random & ((UINT64CONST(1) << RANDOM_BITS) - 1))};
	char *name = palloc(GENERATED_NAME_LENGTH + 1);
	int digit = 0;

	for (int place = 0; place < GENERATED_NAME_LENGTH; place++)
	{
		if (is_dash(place))
			name[place] = '-';
		else
		{
			name[place] = digits[halves[digit / 16] >> (60 - 4 * (digit % 16)) & 0xf];
			digit++;
		}
	}
	name[GENERATED_NAME_LENGTH] = '\0';
	return name;
}

static int
digit_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

bool
generated_name_parse(const char *name, int *shard, int64 *id)
{
	uint64 halves[2] = {0, 0};
	int digit = 0;

	for (int place = 0; place < GENERATED_NAME_LENGTH; place++)
	{
		int value = digit_value(name[place]);

		if (is_dash(place) ? name[place] != '-' : value < 0)
			return false;
		if (is_dash(place))
			continue;
		halves[digit / 16] = halves[digit / 16] << 4 | (uint64) value;
		digit++;
	}
	if (name[GENERATED_NAME_LENGTH] != '\0' || (halves[0] >> 12 & 0xf) != VERSION || halves[1] >> 62 != VARIANT)
		return false;
	*shard = (int) (halves[0] >> 52);
	*id = (int64) ((halves[0] >> 16 & UINT64CONST(0xfffffffff)) << 27 | (halves[0] & 0xfff) << 15 |
				   (halves[1] >> RANDOM_BITS & 0x7fff));
	return true;
}
