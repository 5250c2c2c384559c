/*
 * tags.h
 *	  Tags of state machines and activities: what SQL functions and sfn.api() share.
 */
#ifndef SFN_API_TAGS_H
#define SFN_API_TAGS_H

#include "postgres.h"

#include "api/errors.h"
#include "store/tags.h"
#include "json/json_value.h"

/* Adds tags: an object {"key": "value"} or AWS's list of {"key", "value"}. */
extern void tags_add(const ApiCall *call, TagOwner owner, const JsonVal *tags);

/* ---- actions of sfn.api() ---- */
extern const JsonVal *aws_list_tags_for_resource(const ApiCall *call, const JsonVal *request);
extern const JsonVal *aws_tag_resource(const ApiCall *call, const JsonVal *request);
extern const JsonVal *aws_untag_resource(const ApiCall *call, const JsonVal *request);

#endif /* SFN_API_TAGS_H */
