/*
 * http_egress.h
 *	  Which addresses a request may go to.
 */
#ifndef SFN_SETTINGS_HTTP_EGRESS_H
#define SFN_SETTINGS_HTTP_EGRESS_H

#include "postgres.h"

#include <sys/socket.h>

typedef struct EgressEntry
{
	const char *text; /* "host", "*.suffix", "host:port", "10.0.0.0/8" */
	Oid role;         /* InvalidOid: for everybody */
} EgressEntry;

typedef struct EgressPolicy
{
	const EgressEntry *entries;
	int count;
} EgressPolicy;

/* Why nobody may go to such an address ("a loopback address"); NULL: a public one. */
extern const char *egress_address_class(const struct sockaddr *address);

/* Does the policy name the host, or an address of it?  address may be NULL: by name only. */
extern bool egress_is_allowed(const EgressPolicy *policy, Oid role, const char *host, int port,
							  const struct sockaddr *address);

/* Is there an entry that is for this role alone? */
extern bool egress_has_own(const EgressPolicy *policy, Oid role);

/* Is this an entry of the list?  What egress_is_allowed() can read. */
extern bool egress_entry_is_valid(const char *text);

#endif /* SFN_SETTINGS_HTTP_EGRESS_H */
