/*
 * event_sieve.h
 *	  What a pattern's text says of source and detail-type: most events need no other look at it.
 */
#ifndef SFN_EVENTS_EVENT_SIEVE_H
#define SFN_EVENTS_EVENT_SIEVE_H

#include "base/port.h"

/* Arrays of plain strings, as they stand in the text, which must outlast this; NULL: the pattern may want any. */
typedef struct EventSieve
{
	const char *source;
	const char *detail_type;
} EventSieve;

/* Of the text of a pattern that has been compiled before, without compiling it. */
extern EventSieve event_sieve(const char *text);

/* False: no event of that source and detail-type (NULL: whatever it is) matches. */
extern bool event_sieve_passes(const EventSieve *sieve, const char *source, const char *detail_type);

#endif /* SFN_EVENTS_EVENT_SIEVE_H */
