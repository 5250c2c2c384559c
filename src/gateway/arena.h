/*
 * arena.h
 *	  The gateway's memory: what palloc() gives is in the current arena, and goes with it.
 *
 * The core frees nothing.  Every request has an arena of its own, and so has what lasts
 * as long as the program.
 */
#ifndef SFN_GATEWAY_ARENA_H
#define SFN_GATEWAY_ARENA_H

#include "base/port.h"

typedef struct Arena Arena;

extern Arena *arena_new(void);
extern void arena_free(Arena *arena);

/* Makes it the current one; returns the one before. */
extern Arena *arena_use(Arena *arena);

#endif /* SFN_GATEWAY_ARENA_H */
