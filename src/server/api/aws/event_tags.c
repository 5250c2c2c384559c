/*
 * event_tags.c
 *	  Actions for tags: EventBridge's of rules and event buses, Scheduler's of groups.
 */
#include "postgres.h"

#include "actions/tags.h"
#include "api/aws/actions.h"
#include "api/aws/requests.h"

/* The two spell it in two ways. */
static const char *
resource_of(const JsonVal *request)
{
	const char *arn = request_string(request, "ResourceARN");

	return arn != NULL ? arn : request_string(request, "ResourceArn");
}

static const JsonVal *
list_tags_for_resource(ActionCall *call, const JsonVal *request)
{
	const JsonVal *tags = resource_tags(call, resource_of(request));

	return tags != NULL ? answer_tags(tags) : NULL;
}

static const JsonVal *
tag_resource(ActionCall *call, const JsonVal *request)
{
	const JsonVal *tags = request_tags(call, request_value(request, "Tags"));

	return tags != NULL && resource_tag(call, resource_of(request), tags) ? jv_empty_object() : NULL;
}

static const JsonVal *
untag_resource(ActionCall *call, const JsonVal *request)
{
	const JsonVal *keys = request_texts(call, request, "TagKeys");

	return keys != NULL && resource_untag(call, resource_of(request), keys) ? jv_empty_object() : NULL;
}

/* ---- the rows ---- */

const AwsAction aws_event_tag_actions[] = {
	{"ListTagsForResource", "ResourceARN:s!", list_tags_for_resource},
	{"TagResource", "ResourceARN:s! Tags:a!", tag_resource},
	{"UntagResource", "ResourceARN:s! TagKeys:a!", untag_resource},
	{NULL},
};
const AwsAction aws_schedule_tag_actions[] = {
	{"ListTagsForResource", "ResourceArn:s!", list_tags_for_resource},
	{"TagResource", "ResourceArn:s! Tags:a!", tag_resource},
	{"UntagResource", "ResourceArn:s! TagKeys:a!", untag_resource},
	{NULL},
};
