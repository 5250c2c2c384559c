/*
 * tags.c
 *	  AWS's actions for tags.
 */
#include "postgres.h"

#include "actions/tags.h"
#include "api/aws/actions.h"
#include "api/aws/requests.h"

static const JsonVal *
list_tags_for_resource(ActionCall *call, const JsonVal *request)
{
	const JsonVal *tags = resource_tags(call, request_string(request, "resourceArn"));
	JvObjectBuilder answer;

	if (tags == NULL)
		return NULL;
	jv_object_begin(&answer);
	jv_object_add(&answer, "tags", tags);
	return jv_object_end(&answer);
}

static const JsonVal *
tag_resource(ActionCall *call, const JsonVal *request)
{
	return resource_tag(call, request_string(request, "resourceArn"), request_value(request, "tags"))
		? jv_empty_object()
		: NULL;
}

static const JsonVal *
untag_resource(ActionCall *call, const JsonVal *request)
{
	const JsonVal *keys = request_texts(call, request, "tagKeys");

	return keys != NULL && resource_untag(call, request_string(request, "resourceArn"), keys) ? jv_empty_object()
																							  : NULL;
}

/* ---- the rows ---- */

const AwsAction aws_tag_actions[] = {
	{"ListTagsForResource", "resourceArn:s!", list_tags_for_resource},
	{"TagResource", "resourceArn:s! tags:a!", tag_resource},
	{"UntagResource", "resourceArn:s! tagKeys:a!", untag_resource},
	{NULL},
};
