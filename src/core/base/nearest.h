/*
 * nearest.h
 *	  Whether a name is one of some, and which of them was meant.
 */
#ifndef SFN_BASE_NEAREST_H
#define SFN_BASE_NEAREST_H

#include "base/port.h"

extern bool name_is_among(const char *name, const char *const *names, int count);
extern bool name_is_listed(const char *name, const char *const *names); /* the last is NULL */

/* The nearest of the names (edit distance, at most a third of its length), or NULL. */
extern const char *nearest_name(const char *name, const char *const *names, int count);

#endif /* SFN_BASE_NEAREST_H */
