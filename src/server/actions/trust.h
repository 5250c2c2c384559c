/*
 * trust.h
 *	  Trusting the owner of what a definition names, and lending connections, buckets, queues and topics.
 */
#ifndef SFN_ACTIONS_TRUST_H
#define SFN_ACTIONS_TRUST_H

#include "postgres.h"

#include "actions/errors.h"

/* Machines of the role may call what has the name now, as long as it has this owner. */
extern SFN_MUST_CHECK bool name_trust(ActionCall *call, const char *kind, const char *name, Oid owner, Oid role);
extern SFN_MUST_CHECK bool name_untrust(ActionCall *call, const char *kind, const char *name, Oid role);

/* Machines of the role, and of its members, may use a connection, bucket, queue or topic of the caller's. */
extern SFN_MUST_CHECK bool name_grant_use(ActionCall *call, const char *kind, const char *name, Oid role);
extern SFN_MUST_CHECK bool name_revoke_use(ActionCall *call, const char *kind, const char *name, Oid role);

#endif /* SFN_ACTIONS_TRUST_H */
