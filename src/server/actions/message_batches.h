/*
 * message_batches.h
 *	  Several messages, receipts or the like in one request of SQS or SNS.
 */
#ifndef SFN_ACTIONS_MESSAGE_BATCHES_H
#define SFN_ACTIONS_MESSAGE_BATCHES_H

#include "postgres.h"

#include "actions/errors.h"
#include "json/json_value.h"

/*
 * What is wrong with a batch is wrong with all of it: how many entries there are, their ids, and how long they are
 * together.  entry: what the service calls one; body: the member of one that has its message, or NULL.
 */
extern SFN_MUST_CHECK bool message_batch_check(ActionCall *call, const JsonVal *entries, const char *entry,
											   const char *body);

#endif /* SFN_ACTIONS_MESSAGE_BATCHES_H */
