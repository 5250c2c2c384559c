/*
 * peers.h
 *	  Where requests come from: how many of one address, and the proxies whose word counts.
 */
#ifndef SFN_GATEWAY_PEERS_H
#define SFN_GATEWAY_PEERS_H

#include <sys/socket.h>

#include "gateway/request.h"

/* Reads --trusted-proxies; says what is wrong and ends the program. */
extern void peers_begin(void);

/* How many an address has now; NULL: as many as it likes, being of the loopback interface or a trusted proxy. */
extern uint16 *peer_count(const struct sockaddr *address);

/*
 * A trusted proxy says by X-Forwarded-* from where, how and under which name a request came to it.  False: there are too
 * many of that address, and that is the answer.
 */
extern bool peers_take_forwarded(Request *request);
extern void peers_request_ends(Request *request);

/* The client's address, as text. */
extern const char *peer_text(const Request *request);

#endif /* SFN_GATEWAY_PEERS_H */
