/*
 * http_policy.h
 *	  The allow-list of this process.
 */
#ifndef SFN_SERVICES_HTTP_HTTP_POLICY_H
#define SFN_SERVICES_HTTP_HTTP_POLICY_H

#include "settings/http_egress.h"

/* As the tables and settings say now; lives as long as the process.  Between store_enter() and store_leave(). */
extern const EgressPolicy *http_policy_now(void);

/* Must a request of this role open a connection of its own?  An earlier one may have been allowed more. */
extern bool http_policy_wants_fresh(const EgressPolicy *policy, Oid role);

#endif /* SFN_SERVICES_HTTP_HTTP_POLICY_H */
