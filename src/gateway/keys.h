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

/*
 * For the page: a secret that came otherwise, whatever actions the key is good for; and a key whose secret has been
 * proved before.  Key and role are those of the request then.
 */
extern void keys_prove(Request *request, const char *key_id, const char *secret, const char *session_token,
					   void (*next)(Request *request));
extern void keys_admit(Request *request, const char *key_id, void (*next)(Request *request));

/* Is the key of a request that was let in good for an action?  Where there is none, or it is not known any more: true, it is asked again. */
extern bool key_admits(const Request *request, const char *service, const char *action);
#endif /* SFN_GATEWAY_KEYS_H */
