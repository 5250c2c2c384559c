/*
 * fuzz.h
 *	  The entry of a fuzz target: one file, one function.
 *
 * "make fuzz" builds a target with libFuzzer; "make unit" builds it with
 * fuzz_files.c, which hands it every file of its corpus.  The memory a call
 * allocated is given back after it.
 */
#ifndef SFN_FUZZ_H
#define SFN_FUZZ_H

#include "unit/unit.h"

extern int LLVMFuzzerTestOneInput(const uint8 *data, size_t size);

/* Ends the program: what was found contradicts itself. */
#define FUZZ_ASSERT(condition) \
	do \
	{ \
		if (!(condition)) \
		{ \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

#endif /* SFN_FUZZ_H */
