/*
 * message_attributes.h
 *	  The attributes of messages to queues and topics: {"colour": {"DataType": "String", "StringValue": "blue"}}.
 */
#ifndef SFN_ACTIONS_MESSAGE_ATTRIBUTES_H
#define SFN_ACTIONS_MESSAGE_ATTRIBUTES_H

#include "postgres.h"

#include "actions/errors.h"
#include "json/json_value.h"

typedef enum MessageService
{
	MESSAGE_OF_SQS,
	MESSAGE_OF_SNS
} MessageService;

/* NULL is none; the errors are the service's. */
extern SFN_MUST_CHECK bool message_attributes_check(ActionCall *call, MessageService service,
													const JsonVal *attributes);

/* The bytes that they add to their message: names, types and values.  Of what is in another form, nothing. */
extern int64 message_attributes_length(const JsonVal *attributes);

/* Characters that a message can have: those of XML.  No control characters but tabs and line ends, nor U+FFFE and U+FFFF. */
extern bool message_text_is_valid(const char *text);

#endif /* SFN_ACTIONS_MESSAGE_ATTRIBUTES_H */
