/*
 * optimized.h
 *	  How the optimized integrations differ from calls of aws-sdk: names, keys, small changes of a request.
 */
#ifndef SFN_AWS_OPTIMIZED_H
#define SFN_AWS_OPTIMIZED_H

#include "aws/response.h"

typedef struct AwsOptimized
{
	const char *resource; /* the service as resources name it: "dynamodb" */
	const char *service;  /* as aws-sdk names it */
	const char *prefix;   /* of error names */
	const char *called;   /* in causes: "AmazonDynamoDBv2" */
	const char *other;    /* name of an error that has no name of its own */
	bool is_older;        /* stands on the older SDK: keys as the model has them, Sdk... in results */
	bool has_modelled;    /* modelled errors have their names */
} AwsOptimized;

/* An action that the service has under another name, with other members. */
#define AWS_MAX_RENAMED 2

typedef struct AwsRenamed
{
	const char *from;
	const char *to; /* "Ids[]": in a list of its own */
} AwsRenamed;

/* What the parameters name, and the action knows by an id: it is looked up in a list of another action first. */
typedef struct AwsLookUp
{
	const char *action; /* NULL: there is nothing to look up */
	const char *within; /* the parameter that says whose list it is */
	const char *list;
	const char *name;   /* the parameter that is the Name of one in the list */
	const char *member; /* the parameter that gets its Id */
	const char *id;     /* under this name */
} AwsLookUp;

typedef struct AwsReshaped
{
	const char *resource; /* "elasticmapreduce:addStep" */
	const char *service;  /* as aws-sdk names it */
	const char *action;
	AwsRenamed parameters[AWS_MAX_RENAMED];
	AwsRenamed results[AWS_MAX_RENAMED]; /* from "Ids[]": the first of a list */
	bool has_no_result;                  /* null */
	bool has_json_body;                  /* Body is JSON in both directions */
	AwsLookUp look_up;
} AwsReshaped;

/* The row, or NULL: the action is the service's. */
extern const AwsReshaped *aws_reshaped(const char *resource);
extern const JsonVal *aws_reshape_parameters(const AwsReshaped *row, const JsonVal *parameters);
extern const JsonVal *aws_reshape_result(const AwsReshaped *row, const JsonVal *result);

/*
 * The parameters of the look-up; marker: that which the answer before had, or NULL.  *with_id: the task's parameters with
 * the id that an answer has, or NULL; then *marker is that of the rest of the list, or NULL.
 */
extern const JsonVal *aws_look_up_parameters(const AwsLookUp *look_up, const JsonVal *parameters, const char *marker);
extern void aws_look_up_answer(const AwsLookUp *look_up, const JsonVal *parameters, const JsonVal *answer,
							   const JsonVal **with_id, const char **marker);

/* The row, or NULL. */
extern const AwsOptimized *aws_optimized(const char *resource);

/* The parameters as the service is to get them: what may be an object there and is a text here. */
extern const JsonVal *aws_optimized_parameters(const AwsOptimized *row, const JsonVal *parameters,
											   const char *machine_arn, const char *execution_arn);

/* The result with what the integration adds; false: it says that the task failed.  action_waits: .sync and the like. */
extern bool aws_optimized_result(const AwsOptimized *row, bool action_waits, const AwsResponse *response,
								 const JsonVal **result, SfnError *error);

extern void aws_optimized_failure(const AwsOptimized *row, const AwsFailure *failure, long status, SfnError *error);

#endif /* SFN_AWS_OPTIMIZED_H */
