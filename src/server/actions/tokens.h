/*
 * tokens.h
 *	  Task tokens in what callers are shown.
 */
#ifndef SFN_ACTIONS_TOKENS_H
#define SFN_ACTIONS_TOKENS_H

#include "postgres.h"

/*
 * The text with "***" in place of each token of an open task that the viewer may not answer, or NULL: there is none.
 * Opens a scope of the store of its own.
 */
extern char *tokens_hide(const char *text, int length, Oid viewer);

#endif /* SFN_ACTIONS_TOKENS_H */
