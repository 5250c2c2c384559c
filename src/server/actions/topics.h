/*
 * topics.h
 *	  Topics: what is published to one is told all who have subscribed to it.
 *
 * A topic is the event bus "topic/<name>", which no other bus can be called, and a subscription is a rule on it: targets,
 * their retries, roles and dead letters are those of rules, and what is granted on the bus holds for the topic.
 */
#ifndef SFN_ACTIONS_TOPICS_H
#define SFN_ACTIONS_TOPICS_H

#include "postgres.h"

#include "actions/errors.h"
#include "store/event_rules.h"
#include "json/json_value.h"

extern char *topic_arn(const char *name);
/* The name in a topic's name or ARN of this account and region; NULL: it is another's. */
extern const char *topic_name_of(const char *reference);
/* Its bus, locked against deletion; NULL: there is none. */
extern BusRow *topic_by_name(const char *name);

/* Makes it; one of the caller's own may be there. */
extern SFN_MUST_CHECK bool topic_create(ActionCall *call, const char *name);
/* With all its subscriptions. */
extern SFN_MUST_CHECK bool topic_drop(ActionCall *call, const char *reference);

#define FILTER_ATTRIBUTES "MessageAttributes"
#define FILTER_BODY "MessageBody"

typedef struct Subscription
{
	TargetRow target;          /* whom, and in whose name, as for rules */
	bool is_raw;               /* it gets the message alone */
	const char *filter_policy; /* JSON; NULL: it gets all */
	const char *filter_scope;  /* one of the above */
} Subscription;

/* *arn names it. */
extern SFN_MUST_CHECK bool topic_subscribe(ActionCall *call, const char *reference, Subscription *subscription,
										   char **arn);
extern SFN_MUST_CHECK bool topic_unsubscribe(ActionCall *call, const char *arn);

typedef struct TopicMessage
{
	const char *message;
	const char *subject;       /* or NULL */
	const JsonVal *attributes; /* in SNS's form; or NULL */
} TopicMessage;

/* The id of the message; NULL: the call has the error. */
extern SFN_MUST_CHECK char *topic_publish(ActionCall *call, const char *reference, const TopicMessage *publication);

#endif /* SFN_ACTIONS_TOPICS_H */
