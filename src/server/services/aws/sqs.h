/*
 * sqs.h
 *	  The actions of SQS on the queues of this database, in SQS's shapes.
 */
#ifndef SFN_SERVICES_AWS_SQS_H
#define SFN_SERVICES_AWS_SQS_H

#include "postgres.h"

#include "actions/errors.h"
#include "json/json_value.h"

/* Does SQS have the action here? */
extern bool sqs_has_action(const char *action);

/* The answer to a request of SQS's JSON protocol; NULL: the call has the error. */
extern SFN_MUST_CHECK const JsonVal *sqs_answer(ActionCall *call, const char *action, const JsonVal *request);

/* SQS's name for that error, of the JSON protocol. */
extern const char *sqs_error_code(const ActionError *error);

#endif /* SFN_SERVICES_AWS_SQS_H */
