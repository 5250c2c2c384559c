/*
 * test_generated_name.c
 *	  Names that carry a shard and an id: where each bit is, and what does not look like one.
 */
#include "unit/unit.h"

#include "aws/generated_name.h"

static void
comes_back(int shard, int64 id, uint64 random, const char *expected)
{
	char *name = generated_name(shard, id, random);
	int shard_read = -1;
	int64 id_read = -1;

	unit_text(name, expected, "shard %d, id %lld", shard, (long long) id);
	OK(generated_name_parse(name, &shard_read, &id_read) && shard_read == shard && id_read == id);
}

/* Each bit of the id alone, so that none is lost or lands on another. */
static void
test_bits(void)
{
	for (int bit = 0; bit < 63; bit++)
	{
		int64 id = (int64) (UINT64CONST(1) << bit);
		int shard;
		int64 id_read;

		unit_check(generated_name_parse(generated_name(1 << (bit % 12), id, ~UINT64CONST(0)), &shard, &id_read) &&
					   shard == 1 << (bit % 12) && id_read == id,
				   "bit %d of an id, bit %d of a shard", bit, bit % 12);
	}
}

static void
looks_other(const char *name)
{
	int shard;
	int64 id;

	unit_check(!generated_name_parse(name, &shard, &id), "\"%s\" looks like none of ours", name);
}

int
main(void)
{
	comes_back(0, 1, 0, "00000000-0000-8000-8000-800000000000");
	comes_back(0, 2, 0x7fffffffffff, "00000000-0000-8000-8001-7fffffffffff");
	comes_back(0xfff, PG_INT64_MAX, ~UINT64CONST(0), "ffffffff-ffff-8fff-bfff-ffffffffffff");
	comes_back(0xabc, INT64CONST(0x0123456789abcdef), 0x123456789abc, "abc02468-acf1-8357-a6f7-923456789abc");
	test_bits();

	looks_other("");
	looks_other("order-1");
	looks_other("00000000-0000-8000-8000-80000000000");   /* too short */
	looks_other("00000000-0000-8000-8000-8000000000000"); /* too long */
	looks_other("00000000-0000-7000-8000-800000000000");  /* another version */
	looks_other("00000000-0000-8000-c000-800000000000");  /* another variant */
	looks_other("00000000-0000-8000-0000-800000000000");
	looks_other("0000000A-0000-8000-8000-800000000000"); /* we write small letters */
	looks_other("00000000+0000-8000-8000-800000000000");
	looks_other("000000000000-8000-8000-8000000000000");
	return unit_done();
}
