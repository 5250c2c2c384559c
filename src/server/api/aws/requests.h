/*
 * requests.h
 *	  Members of AWS's requests and answers, and the tokens of their pages.
 */
#ifndef SFN_API_AWS_REQUESTS_H
#define SFN_API_AWS_REQUESTS_H

#include "postgres.h"

#include "actions/errors.h"
#include "store/event_rules.h"
#include "json/json_value.h"

/* Members of a request that the rules have been checked for; defaults where absent. */
extern const char *request_string(const JsonVal *request, const char *member); /* NULL: absent */
extern int64 request_integer(const JsonVal *request, const char *member, int64 otherwise);
extern TimestampTz request_moment(const JsonVal *request, const char *member); /* seconds since 1970; 0: absent */
extern bool request_boolean(const JsonVal *request, const char *member, bool otherwise);
extern const JsonVal *request_value(const JsonVal *request, const char *member); /* NULL: absent or null */

extern char *request_copy(const JsonVal *request, const char *member); /* the string, to be kept; NULL: absent */
extern const char *request_bus(const JsonVal *request);                /* EventBusName; its name if an ARN */
/* A member that has to be a list of strings. */
extern SFN_MUST_CHECK const JsonVal *request_texts(ActionCall *call, const JsonVal *request, const char *member);

/* Members of a target but those named, as the text of an object, and back into an answer; NULL: there are none. */
extern char *request_others(const JsonVal *object, const char *const *understood);
extern void answer_others(JvObjectBuilder *object, const char *others);

/* maxResults: how many items a page has. */
extern SFN_MUST_CHECK bool request_max_results(ActionCall *call, const JsonVal *request, int *max);
/* A part of a list by names, as EventBridge and Scheduler have it: NextToken, NamePrefix, and Limit or MaxResults. */
extern SFN_MUST_CHECK bool request_name_page(ActionCall *call, const JsonVal *request, const char *limit, char kind,
											 NamePage *page);
/* The answer to it, of up to one item more than asked for; next: what the next part begins behind. */
extern const JsonVal *answer_name_page(const char *member, JvArrayBuilder *list, char kind, const char *next);
/* Tags as a list of {"Key", "Value"}, as those two have them, to an object and back. */
extern SFN_MUST_CHECK const JsonVal *request_tags(ActionCall *call, const JsonVal *list);
extern const JsonVal *answer_tags(const JsonVal *tags);
/* includedData: is it ALL_DATA? */
extern SFN_MUST_CHECK bool request_wants_data(ActionCall *call, const JsonVal *request, bool *wants_data);
/* encryptionConfiguration: none, or AWS's own key. */
extern SFN_MUST_CHECK bool request_encryption(ActionCall *call, const JsonVal *request);

/*
 * A page's token holds what the next page begins with, as text; kind tells the lists apart.  *token is NULL where the
 * request has none; InvalidToken for one that is none of ours.
 */
extern SFN_MUST_CHECK bool request_token(ActionCall *call, const JsonVal *request, char kind, const char **token);
extern const JsonVal *next_token(char kind, const char *content);

/* The answer of an action that lists: the page under the member's name, and the token when next is not NULL. */
extern const JsonVal *answer_page(const char *member, JvArrayBuilder *list, char kind, const char *next);
#define EXECUTIONS_TOKEN 'E' /* the kind of ListExecutions, whose tokens may be longer */

/* An input or output, if it is to be seen, and beside it {"included": true}. */
extern void answer_data(JvObjectBuilder *object, const char *name, const char *text, bool includes_data);
/* {"included": true} alone, beside what is not there. */
extern void answer_data_details(JvObjectBuilder *object, const char *name, bool includes_data);
/* The key that all have. */
extern void answer_encryption(JvObjectBuilder *object);

#endif /* SFN_API_AWS_REQUESTS_H */
