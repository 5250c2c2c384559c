/*
 * buckets.h
 *	  Where S3 objects of definitions are.
 */
#ifndef SFN_ACTIONS_BUCKETS_H
#define SFN_ACTIONS_BUCKETS_H

#include "postgres.h"

#include "actions/errors.h"
#include "store/buckets.h"

/* What is wrong with a bucket's URL, or NULL; may make it canonical.  The services know that. */
typedef const char *(*BucketUrlProblem)(const char **url, const char **hint);

/* Makes or changes a bucket, whose owner is the caller. */
extern SFN_MUST_CHECK bool bucket_create(ActionCall *call, BucketRow *bucket, BucketUrlProblem url_problem);
extern SFN_MUST_CHECK bool bucket_drop(ActionCall *call, const char *name);

#endif /* SFN_ACTIONS_BUCKETS_H */
