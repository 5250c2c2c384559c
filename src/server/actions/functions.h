/*
 * functions.h
 *	  Names for what function ARNs call.
 */
#ifndef SFN_ACTIONS_FUNCTIONS_H
#define SFN_ACTIONS_FUNCTIONS_H

#include "postgres.h"

#include "actions/errors.h"
#include "base/error.h"

/* Registers a SQL function under the name; alone: its tasks have turns of their own. */
extern SFN_MUST_CHECK bool function_register(ActionCall *call, char *name, Oid target, bool alone);

/* Can the URL be called?  The services know that. */
typedef bool (*FunctionUrlCheck)(const char *url, SfnError *error);

extern SFN_MUST_CHECK bool function_register_url(ActionCall *call, char *name, char *url, FunctionUrlCheck check);
extern SFN_MUST_CHECK bool function_drop(ActionCall *call, const char *name);

#endif /* SFN_ACTIONS_FUNCTIONS_H */
