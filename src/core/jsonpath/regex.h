/*
 * regex.h
 *	  Regular expressions of JSONPath filters: does the whole text match?
 *
 * The common part of Java's syntax; time is proportional to pattern times text.
 */
#ifndef SFN_JSONPATH_REGEX_H
#define SFN_JSONPATH_REGEX_H

#include "base/budget.h"

typedef struct Regex Regex;

/* NULL and *message when the pattern cannot be used. */
extern Regex *regex_parse(const char *pattern, int length, bool ignore_case, const char **message);
/* False, too, when the budget (or NULL) is spent. */
extern bool regex_matches(const Regex *regex, const char *text, int length, Budget *budget);

#endif /* SFN_JSONPATH_REGEX_H */
