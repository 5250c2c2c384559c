/*
 * own_services.h
 *	  Services of AWS that answer from what is registered here, in the turn.
 *
 * Each is called as AWS's is: it gets the task's parameters, and the request that would be sent, and gives a response in the
 * service's protocol.  Keys of results, names of errors and texts of causes come of it as they do of AWS's responses.
 */
#ifndef SFN_SERVICES_AWS_OWN_SERVICES_H
#define SFN_SERVICES_AWS_OWN_SERVICES_H

#include "postgres.h"

#include "lib/stringinfo.h"

#include "actions/errors.h"
#include "aws/optimized.h"
#include "aws/request.h"
#include "services/service.h"

typedef struct OwnCall
{
	const ServiceCall *call;
	const AwsService *service;
	const AwsOptimized *optimized; /* NULL: of aws-sdk */
	const char *action;            /* "getObject" */
	const JsonVal *parameters;
	AwsType input; /* of the parameters */
	AwsRequest request;

	/* what is answered */
	long status;
	StringInfoData headers; /* lines */
	StringInfoData body;
} OwnCall;

/*
 * Would what the parameters name be answered here?  call needs resource, parameters, role and role_arn alone; *may_be: there
 * are such things, so it depends on what they are called.
 */
extern bool own_service_answers(const ServiceCall *call, bool *may_be);

/* The value of a member of the parameters, however it is spelled, or NULL; the text of one that is a text. */
extern const JsonVal *own_parameter(const OwnCall *call, const char *member);
extern const char *own_text(const OwnCall *call, const char *member);

/* For services that actions answer: in the store's scope, with the rights of the machine's role. */
extern bool own_answer_by_actions(OwnCall *own, bool (*answer)(OwnCall *own, ActionCall *call, SfnError *error),
								  SfnError *error);

/* Of AWS's JSON protocols: the action ("GetObject") and its request; the answer that there is an error. */
extern char *own_action_name(const OwnCall *call);
extern const JsonVal *own_json_request(const OwnCall *call);
extern void own_json_failure(OwnCall *call, const char *type, const char *message);

/* Each service: does what the parameters name belong to it, and the answer; false: *error is the task's. */
extern bool own_s3_has(const OwnCall *call);
extern bool own_s3_answer(OwnCall *call, SfnError *error);
extern bool own_events_has(const OwnCall *call);
extern bool own_events_answer(OwnCall *call, SfnError *error);
extern bool own_states_has(const OwnCall *call);
extern bool own_states_answer(OwnCall *call, SfnError *error);
extern bool own_sns_has(const OwnCall *call);
extern bool own_sns_answer(OwnCall *call, SfnError *error);
/* SNS's name for that error. */
extern const char *sns_error_code(const ActionError *error);
extern bool own_sqs_has(const OwnCall *call);
extern bool own_sqs_answer(OwnCall *call, SfnError *error);

/*
 * The answer of an action of an API that this database speaks ("events", "states": the latter also has SNS's, as "sns:Publish"), as the call's role; NULL: the call has
 * the error.  The API stands above the services, and gives it when the library is loaded.
 */
typedef const JsonVal *(*OwnApi)(ActionCall *call, const char *api, const char *action, const JsonVal *request);

extern void own_api_is(OwnApi api);
extern const JsonVal *own_api_answer(ActionCall *call, const char *api, const char *action, const JsonVal *request);

#endif /* SFN_SERVICES_AWS_OWN_SERVICES_H */
