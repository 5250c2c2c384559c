/*
 * aws_api.h
 *	  What an action of sfn.api() is.
 */
#ifndef SFN_API_AWS_API_H
#define SFN_API_AWS_API_H

#include "postgres.h"

#include "api/errors.h"
#include "json/json_value.h"

typedef struct AwsAction
{
	const char *name; /* AWS's */

	/*
	 * Its members, separated by blanks, each "name:type" with type s(tring), i(nteger), n(umber), b(oolean),
	 * o(bject) or a(rray); "!" behind it: required.  Members that are null count as absent.
	 */
	const char *members;
	const JsonVal *(*run)(const ApiCall *call, const JsonVal *request);
} AwsAction;

/* In the order of their names (aws_actions.c). */
extern const AwsAction aws_actions[];
extern const int aws_action_count;

/* Members of a request that the rules have been checked for; defaults where absent. */
extern const char *request_string(const JsonVal *request, const char *member); /* NULL: absent */
extern int64 request_integer(const JsonVal *request, const char *member, int64 otherwise);
extern bool request_boolean(const JsonVal *request, const char *member, bool otherwise);
extern const JsonVal *request_value(const JsonVal *request, const char *member); /* NULL: absent or null */

/*
 * A page's token holds what the next page begins with, as text; kind tells the lists apart.  Decoding gives NULL where
 * the request has no token, and the error InvalidToken for one that is none of ours.
 */
extern const JsonVal *next_token(char kind, const char *content);
extern const char *request_token(const ApiCall *call, const JsonVal *request, char kind);
/* The answer of an action that lists: the page under the member's name, and the token when next is not NULL. */
extern const JsonVal *answer_page(const char *member, JvArrayBuilder *list, char kind, const char *next);

#endif /* SFN_API_AWS_API_H */
