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
#include "store/tags.h"
#include "json/json_value.h"

extern char *topic_arn(const char *name);
/* The name in a topic's name or ARN of this account and region; NULL: it is another's. */
extern const char *topic_name_of(const char *reference);
/* Its bus, locked against deletion; NULL: there is none. */
extern BusRow *topic_by_name(const char *name);

/* The same without a lock: for who publishes, whom a transaction that deletes it and stays open must not hold. */
extern BusRow *topic_find(const char *name);

/* Makes it; one of the caller's own may be there. */
extern SFN_MUST_CHECK bool topic_create(ActionCall *call, const char *name);
/* With all its subscriptions. */
extern SFN_MUST_CHECK bool topic_drop(ActionCall *call, const char *reference);

#define FILTER_ATTRIBUTES "MessageAttributes"
#define FILTER_BODY "MessageBody"

typedef struct Subscription
{
	char *arn;                 /* with the next: of one that there is */
	const char *topic;         /* its ARN */
	TargetRow target;          /* whom, and in whose name, as for rules */
	bool is_raw;               /* it gets the message alone */
	const char *filter_policy; /* JSON; NULL: it gets all */
	const char *filter_scope;  /* one of the above */
} Subscription;

/* *arn names it. */
extern SFN_MUST_CHECK bool topic_subscribe(ActionCall *call, const char *reference, Subscription *subscription,
										   char **arn);
/* The subscription, if the caller or a role of his has it, or owns its topic; NULL: the call has the error. */
extern SFN_MUST_CHECK Subscription *topic_subscription(ActionCall *call, const char *arn);
/* Changes filter and form of one of his own. */
extern SFN_MUST_CHECK bool subscription_change(ActionCall *call, Subscription *subscription);
extern SFN_MUST_CHECK bool topic_unsubscribe(ActionCall *call, const char *arn);

/* ---- what there is ---- */

/* The topic, if the caller owns it or may use it. */
extern SFN_MUST_CHECK BusRow *topic_describe(ActionCall *call, const char *reference);
/* A text that is shown with it. */
extern SFN_MUST_CHECK bool topic_rename(ActionCall *call, const char *reference, const char *display_name);
extern const char *topic_name(const BusRow *topic);
/* ARNs of such topics, in the order of their names, behind that name; returns how many, at most max. */
extern int topics_list(ActionCall *call, const char *after, int max, char ***arns);
/* Subscriptions that the caller may see, of one topic, or of all if it is NULL; behind that ARN. */
extern int subscriptions_list(ActionCall *call, const BusRow *topic, const char *after, int max,
							  Subscription **subscriptions);
/* How many there are, whosever. */
extern int topic_subscription_count(const BusRow *topic);
/* What carries its tags. */
extern SFN_MUST_CHECK bool topic_tag_owner(ActionCall *call, const char *arn, bool changes, TagOwner *owner);

typedef struct TopicMessage
{
	const char *message;
	const char *subject;          /* or NULL */
	const JsonVal *attributes;    /* in SNS's form; or NULL */
	const char *group;            /* whose the message is, which subscribers are not told; or NULL */
	const char *deduplication_id; /* of topics that are FIFO, of which there are none; or NULL */
} TopicMessage;

/* The id of the message; NULL: the call has the error. */
extern SFN_MUST_CHECK char *topic_publish(ActionCall *call, const char *reference, const TopicMessage *publication);

#endif /* SFN_ACTIONS_TOPICS_H */
