/*
 * generated_name.h
 *	  Names of executions that nobody chose: UUIDs of version 8 that say where the execution is.
 *
 * From the first bit on: the shard (12 bits), the id of its row (63), the rest at random, but for the bits
 * in which every UUID has its version and variant.  So such a name is found by the key of the table, and a
 * router finds the shard in its first three digits.  Somebody may choose a name that looks like one: whoever finds a
 * row by the id compares the whole name.
 */
#ifndef SFN_AWS_GENERATED_NAME_H
#define SFN_AWS_GENERATED_NAME_H

#include "base/port.h"

#define GENERATED_NAME_LENGTH 36
#define GENERATED_NAME_NO_SHARD 0xfff /* of a database that is no shard */

/* id: not negative; random: its low 47 bits are used. */
extern char *generated_name(int shard, int64 id, uint64 random);

/* False: the text does not look like one. */
extern bool generated_name_parse(const char *name, int *shard, int64 *id);

#endif /* SFN_AWS_GENERATED_NAME_H */
