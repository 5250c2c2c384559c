/*
 * nearest.h
 *	  Which of some names was meant.
 */
#ifndef SFN_BASE_NEAREST_H
#define SFN_BASE_NEAREST_H

#include "base/port.h"

/* The nearest of the names (edit distance, at most a third of its length), or NULL. */
extern const char *nearest_name(const char *name, const char *const *names, int count);

#endif /* SFN_BASE_NEAREST_H */
