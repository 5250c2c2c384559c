/*
 * links.h
 *	  Links: whoever has the URL may do the one thing that it is for, as the role that made it.
 */
#ifndef SFN_ACTIONS_LINKS_H
#define SFN_ACTIONS_LINKS_H

#include "postgres.h"

#include "actions/errors.h"
#include "store/links.h"

/* Makes one of kind, target, description, uses and expiration; *secret: what the URL has beside its id. */
extern SFN_MUST_CHECK bool link_create(ActionCall *call, Link *row, char **secret);
extern SFN_MUST_CHECK bool link_drop(ActionCall *call, const char *id);

/* The link with that secret; NULL: there is none. */
extern Link *link_by_secret(const char *id, const char *secret, bool is_locked);

/* "open", "used", "expired", or "over": its task does not wait any more. */
extern const char *link_status(const Link *row);

/* Takes one use of a link that is locked; it must be open. */
extern SFN_MUST_CHECK bool link_use(ActionCall *call, const Link *row);

/* The base of URLs: sfn.gateway_url, else the first address of the server's gateway; NULL: nobody knows. */
extern char *link_base(void);

/* Where the gateway's page shows a STANDARD execution; NULL: nowhere. */
extern char *link_to_page(const char *arn);

#endif /* SFN_ACTIONS_LINKS_H */
