/*
 * keys.h
 *	  Who sends a request: access keys, signatures, what a key is good for.
 */
#ifndef SFN_GATEWAY_KEYS_H
#define SFN_GATEWAY_KEYS_H

#include "gateway/request.h"

/*
 * Finds out who sends the request, and calls next() when the request has a role and may ask for its action; else it
 * answers.  service: what a signature has to be for.
 */
extern void keys_authenticate(Request *request, const char *service, void (*next)(Request *request));

#endif /* SFN_GATEWAY_KEYS_H */
