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
palloc_extended(Size size, int flags)
{
	return (flags & MCXT_ALLOC_ZERO) ? palloc0(size) : palloc(size);
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

char *
pnstrdup(const char *text, Size length)
{
	Size size = strnlen(text, length);
	char *copy = palloc(size + 1);

	memcpy(copy, text, size);
	copy[size] = '\0';
	return copy;
}

char *
pstrdup(const char *text)
{
	return pnstrdup(text, strlen(text));
}

void *
pg_malloc(size_t size)
{
	return palloc(size);
}

void *
pg_malloc0(size_t size)
{
	return palloc0(size);
}

void *
pg_malloc_extended(size_t size, int flags)
{
	return palloc_extended(size, flags);
}

void *
pg_realloc(void *pointer, size_t size)
{
	return pointer == NULL ? palloc(size) : repalloc(pointer, size);
}

char *
pg_strdup(const char *text)
{
	return pstrdup(text);
}

void
pg_free(void *pointer)
{
	(void) pointer;
}

#endif /* SFN_ARENA_H */
