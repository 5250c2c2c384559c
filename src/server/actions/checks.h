/*
 * checks.h
 *	  What all actions check of their arguments: names, lengths, pages, JSON.
 */
#ifndef SFN_ACTIONS_CHECKS_H
#define SFN_ACTIONS_CHECKS_H

#include "postgres.h"

#include "actions/errors.h"
#include "json/json_value.h"

/* The name of a new machine or execution ("a state machine", "an execution"). */
extern SFN_MUST_CHECK bool check_name(ActionCall *call, const char *name, const char *what);

/* The input of an execution: JSON, size; its value, or NULL. */
extern SFN_MUST_CHECK const JsonVal *check_input(ActionCall *call, const char *input, int length);

/* AWS's bound checks in AWS's words. */
extern SFN_MUST_CHECK bool check_length(ActionCall *call, const char *value, const char *member, const char *argument,
										int min, int max);
/* What somebody has written about a thing; NULL: nothing. */
extern SFN_MUST_CHECK bool check_long_description(ActionCall *call, const char *description);

/* The size of a page; 0 means 100. */
extern SFN_MUST_CHECK bool check_max_results(ActionCall *call, int64 max_results, int *max);

/* what: "load services". */
extern SFN_MUST_CHECK bool require_superuser(ActionCall *call, const char *what);

/* Errors of a member that is missing, or of the wrong type ("a string"). */
extern bool fail_missing_member(ActionCall *call, const char *member);
extern bool fail_member_type(ActionCall *call, const char *member, const char *must_be);

extern const JsonVal *parse_stored(const char *text); /* JSON that the server has accepted before */

#endif /* SFN_ACTIONS_CHECKS_H */
