/*
 * event_tags.c
 *	  EventBridge's actions for tags of rules and event buses.
 */
#include "postgres.h"

#include "actions/tags.h"
#include "api/aws/actions.h"
#include "api/aws/requests.h"

static const JsonVal *
list_tags_for_resource(ActionCall *call, const JsonVal *request)
{
	const JsonVal *tags = resource_tags(call, request_string(request, "ResourceARN"));

	return tags != NULL ? answer_tags(tags) : NULL;
}

static const JsonVal *
tag_resource(ActionCall *call, const JsonVal *request)
{
	const JsonVal *tags = request_tags(call, request_value(request, "Tags"));

	return tags != NULL && resource_tag(call, request_string(request, "ResourceARN"), tags) ? jv_empty_object() : NULL;
}

static const JsonVal *
untag_resource(ActionCall *call, const JsonVal *request)
{
	const JsonVal *keys = request_texts(call, request, "TagKeys");

	return keys != NULL && resource_untag(call, request_string(request, "ResourceARN"), keys) ? jv_empty_object()
																							  : NULL;
}

/* ---- the rows ---- */

const AwsAction aws_event_tag_actions[] = {
	{"ListTagsForResource", "ResourceARN:s!", list_tags_for_resource},
	{"TagResource", "ResourceARN:s! Tags:a!", tag_resource},
	{"UntagResource", "ResourceARN:s! TagKeys:a!", untag_resource},
	{NULL},
};
