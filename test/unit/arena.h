/*
 * arena.h
 *	  For programs that measure: a palloc that only counts up, as the server's context does between resets.
 *
 * Included by the one file of such a program, it defines what the core takes from the server.  arena_used is set back to
 * forget everything that was allocated since.  Each block knows its size, for repalloc.
 */
#ifndef SFN_ARENA_H
#define SFN_ARENA_H

#include "base/port.h"

#define ARENA_BYTES (512 * 1024 * 1024)

static char *arena;
static size_t arena_used;

/* Its first pages are touched, so that no measurement pays for them. */
static inline void
arena_begin(void)
{
	arena = malloc(ARENA_BYTES);
	memset(arena, 1, 64 * 1024 * 1024);
}

void *
palloc(Size size)
{
	char *block = arena + arena_used;

	size = MAXALIGN(size);
	if (arena_used + size + sizeof(Size) > ARENA_BYTES)
		abort();
	*(Size *) block = size;
	arena_used += size + sizeof(Size);
	return block + sizeof(Size);
}

void *
palloc0(Size size)
{
	return memset(palloc(size), 0, size);
}

void *
repalloc(void *pointer, Size size)
{
	Size old = ((Size *) pointer)[-1];
	void *copy = palloc(size);

	return memcpy(copy, pointer, Min(old, size));
}

void
pfree(void *pointer)
{
	(void) pointer;
}

#include "palloc_names.h"

#endif /* SFN_ARENA_H */
