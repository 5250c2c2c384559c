/*
 * event_pattern_private.h
 *	  A compiled event pattern, and the tests that stand at the ends of its paths.
 */
#ifndef SFN_EVENTS_EVENT_PATTERN_PRIVATE_H
#define SFN_EVENTS_EVENT_PATTERN_PRIVATE_H

#include "events/event_pattern.h"

/* ---- what one value is tested for (event_test.c) ---- */

/* A part of a wildcard's text between two stars. */
typedef struct WildcardPiece
{
	const char *text;
	int length;
} WildcardPiece;

/* A character in its two cases, of which the upper one may be several characters. */
typedef struct LetterCases
{
	char lower[4];
	char upper[12];
	uint8 lower_length;
	uint8 upper_length;
} LetterCases;

typedef struct IpAddress
{
	int length; /* 4 or 16 */
	uint8 bytes[16];
} IpAddress;

typedef struct NumberBound
{
	const JsonVal *number; /* NULL: none */
	bool is_open;          /* the number itself is outside */
} NumberBound;

typedef struct EventTest EventTest;

struct EventTest
{
	bool (*matches)(const EventTest *test, const JsonVal *value);
	int count; /* of the array below that the test has */
	union
	{
		const JsonVal *operand;
		const LetterCases *letters;
		const WildcardPiece *pieces;
		const EventTest *excluded;
		struct
		{
			IpAddress first;
			IpAddress last;
		} network;
		struct
		{
			NumberBound low;
			NumberBound high;
		} range;
	} u;
};

/* Each makes a test. */
extern EventTest event_test_value(const JsonVal *value); /* a string, number, true, false or null as it stands */
extern EventTest event_test_exactly(const JsonVal *text);
extern EventTest event_test_prefix(const JsonVal *text);
extern EventTest event_test_suffix(const JsonVal *text);
extern EventTest event_test_ignore_case(const JsonVal *text);
extern EventTest event_test_prefix_ignore_case(const JsonVal *text);
extern EventTest event_test_suffix_ignore_case(const JsonVal *text);
extern EventTest event_test_range(NumberBound low, NumberBound high);
extern EventTest event_test_anything_but(const EventTest *excluded, int count);
extern EventTest event_test_exists(void);
/* False, with *problem in AWS's words. */
extern bool event_test_wildcard(const JsonVal *text, EventTest *test, const char **problem);
extern bool event_test_network(const JsonVal *text, EventTest *test, const char **problem);

/* ---- the pattern (event_pattern_compile.c) ---- */

/* What the value at the end of a path may be. */
typedef struct EventField
{
	const char *path; /* names joined by dots */
	int path_length;
	const EventTest *tests; /* of which one must match */
	int count;
	bool may_be_absent; /* {"exists": false} is among them */
} EventField;

/* Fields that must all match, in the order of their paths. */
typedef struct EventAlternative
{
	const EventField **fields;
	int count;
	int capacity;
} EventAlternative;

/* Without $or there is one alternative. */
struct EventPattern
{
	EventAlternative *alternatives;
	int count;
	int capacity;
};

#endif /* SFN_EVENTS_EVENT_PATTERN_PRIVATE_H */
