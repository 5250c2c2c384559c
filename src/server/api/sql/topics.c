/*
 * topics.c
 *	  The SQL functions for topics, their subscriptions, and publishing.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "actions/topics.h"
#include "api/answers.h"
#include "api/arguments.h"
#include "settings/compat.h"
#include "store/sql_version.h"

SFN_FUNCTION(sfn_create_topic)
{
	ActionCall call;
	char *name;

	api_enter(&call, ACTION_SQL, "CreateTopic");
	name = required_text(&call, fcinfo, 0, "name");
	api_check(&call, topic_create(&call, name));
	api_leave(&call);
	return CStringGetTextDatum(topic_arn(name));
}

SFN_FUNCTION(sfn_delete_topic)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "DeleteTopic");
	api_check(&call, topic_drop(&call, required_text(&call, fcinfo, 0, "topic")));
	api_leave(&call);
	PG_RETURN_VOID();
}

SFN_FUNCTION(sfn_subscribe)
{
	ActionCall call;
	Subscription subscription = {.target.role = PG_ARGISNULL(3) ? InvalidOid : PG_GETARG_OID(3),
								 .target.retry = text_argument(fcinfo, 4),
								 .is_raw = !PG_ARGISNULL(2) && PG_GETARG_BOOL(2),
								 .filter_policy = text_argument(fcinfo, 5),
								 .filter_scope = text_argument(fcinfo, 6)};
	char *topic;
	char *arn;

	api_enter(&call, ACTION_SQL, "Subscribe");
	topic = required_text(&call, fcinfo, 0, "topic");
	subscription.target.target = required_text(&call, fcinfo, 1, "target");
	if (subscription.filter_scope == NULL)
		subscription.filter_scope = FILTER_ATTRIBUTES;
	api_check(&call, topic_subscribe(&call, topic, &subscription, &arn));
	api_leave(&call);
	return CStringGetTextDatum(arn);
}

SFN_FUNCTION(sfn_unsubscribe)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "Unsubscribe");
	api_check(&call, topic_unsubscribe(&call, required_text(&call, fcinfo, 0, "subscription")));
	api_leave(&call);
	PG_RETURN_VOID();
}

SFN_FUNCTION(sfn_publish)
{
	ActionCall call;
	TopicMessage publication = {.subject = text_argument(fcinfo, 2)};
	char *topic;
	char *id;

	api_enter(&call, ACTION_SQL, "Publish");
	topic = required_text(&call, fcinfo, 0, "topic");
	publication.message = required_text(&call, fcinfo, 1, "message");
	publication.attributes = json_value_argument(fcinfo, 3);
	id = topic_publish(&call, topic, &publication);
	api_check(&call, id != NULL);
	api_leave(&call);
	return DirectFunctionCall1(uuid_in, CStringGetDatum(id));
}
