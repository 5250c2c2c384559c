/*
 * loop.h
 *	  The one loop: descriptors that are watched, and the time.
 */
#ifndef SFN_GATEWAY_LOOP_H
#define SFN_GATEWAY_LOOP_H

#include "base/port.h"

/* What is watched; it belongs to whoever watches, and has to stay where it is until it is forgotten. */
typedef struct Watch
{
	int fd; /* -1: nothing */
	void (*ready)(struct Watch *watch, uint32 events);
	void *owner;
} Watch;

extern void loop_begin(void);

/* Watches for epoll's events; the same again changes them. */
extern void loop_watch(Watch *watch, int fd, uint32 events);
extern void loop_forget(Watch *watch);

/* Waits at most so long, and calls whoever is ready. */
extern void loop_wait(int milliseconds);

/* Microseconds of a clock that is never set. */
extern int64 loop_now(void);
#define SECOND INT64CONST(1000000)

/* The time of day. */
extern TimestampTz wall_clock(void);

#endif /* SFN_GATEWAY_LOOP_H */
