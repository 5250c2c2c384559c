/*
 * regex.h
 *	  Regular expressions in JavaScript's syntax, run by PCRE2.
 */
#ifndef SFN_JSONATA_REGEX_H
#define SFN_JSONATA_REGEX_H

#include "jsonata/runtime.h"

typedef struct RegexProgram RegexProgram;

struct RegexProgram
{
	void *code; /* pcre2_code */
	int groups;
	const char *source;
	int source_length;
};

/* NULL and *complaint when the pattern is not valid.  Lives in the current context. */
extern const RegexProgram *jn_regex_compile(const char *source, int length, bool ignore_case, bool multiline,
											const char **complaint);

extern void jn_regex_free(const RegexProgram *program);

#define MAX_GROUPS 200

/* Byte offsets of a match and its groups: pairs, -1 for a group that took no part. */
typedef struct RegexMatch
{
	int count; /* pairs */
	int offsets[(MAX_GROUPS + 1) * 2];
} RegexMatch;

/* Searches from an offset: 1 found, 0 not, -1 failure. */
extern int jn_regex_search(Evaluation *ev, const RegexProgram *regex, const JsonVal *subject, int offset,
						   RegexMatch *match);

/* UTF-16 units before a byte offset, counted on from a known place. */
typedef struct UnitCounter
{
	const char *text;
	int offset;
	int units;
} UnitCounter;

extern int jn_units_at(UnitCounter *counter, int offset);

/*
 * Matches of a pattern in a subject, one after the other.  The pattern is a
 * regular expression or any function that gives objects of the same shape.
 */
typedef struct Matcher
{
	Call *call;
	const JsonVal *pattern;
	const JsonVal *subject;
	const RegexProgram *regex; /* NULL: a function */
	UnitCounter units;
	int search_from;
	bool is_first;
	const JsonVal *next; /* of a function's last match */

	/* the current match */
	int start; /* in bytes */
	int end;
	const JsonVal *text;
	const JsonVal *index; /* as the language counts */
	const JsonVal *groups;
	const JsonVal *object; /* a function's match as it came, else NULL */
	RegexMatch regex_match;
} Matcher;

extern void matcher_begin(Matcher *matcher, Call *call, const JsonVal *pattern, const JsonVal *subject);

/* 1 a match, 0 no more, -1 failure. */
extern int matcher_next(Matcher *matcher);

/* Whether there is a match at all: 1, 0, -1. */
extern int matcher_exists(Matcher *matcher);

/* The current match as functions see it: match, start, end, groups, next. */
extern const JsonVal *matcher_object(Matcher *matcher);

#endif /* SFN_JSONATA_REGEX_H */
