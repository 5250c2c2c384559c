/*
 * task_token.h
 *	  Task tokens: who holds one may answer the task.
 */
#ifndef SFN_STORE_TASK_TOKEN_H
#define SFN_STORE_TASK_TOKEN_H

#include "postgres.h"

/* What tokens of this database are signed with; inside a store scope. */
extern char *task_token_key(void);

/* A new token for a task of the execution: 44 characters, not to be guessed. */
extern char *task_token_make(const char *key, int64 execution_id);

/* Was the token made here?  Says nothing about whether its task still waits. */
extern bool task_token_is_genuine(const char *key, const char *token);

/* The next place in the text, which need not end with a zero byte, where a token may begin; NULL: none. */
#define TASK_TOKEN_LENGTH 44
extern const char *task_token_search(const char *from, const char *end);

#endif /* SFN_STORE_TASK_TOKEN_H */
