/*
 * sns.h
 *	  SNS's API, which is spoken in AWS's query protocol.
 */
#ifndef SFN_GATEWAY_SNS_H
#define SFN_GATEWAY_SNS_H

#include "gateway/request.h"

/* Takes the request if the form's action is one of SNS; false: it is not. */
extern bool sns_route(Request *request, const char *action);

#endif /* SFN_GATEWAY_SNS_H */
