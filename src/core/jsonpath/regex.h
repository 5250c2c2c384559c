/*
 * regex.h
 *	  Regular expressions of JSONPath filters: does the whole text match?
 *
 * The common part of Java's syntax; time is proportional to pattern times text.
 */
#ifndef SFN_JSONPATH_REGEX_H
#define SFN_JSONPATH_REGEX_H

#include "base/error.h"

typedef struct Regex Regex;

/* NULL and *message when the pattern cannot be used. */
extern Regex *regex_parse(const char *pattern, int length, bool ignore_case, const char **message);
extern bool regex_matches(const Regex *regex, const char *text, int length);

#endif /* SFN_JSONPATH_REGEX_H */
