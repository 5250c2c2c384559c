/*
 * access_keys.h
 *	  Access keys: who signs HTTP requests with one calls as its role.
 */
#ifndef SFN_ACTIONS_ACCESS_KEYS_H
#define SFN_ACTIONS_ACCESS_KEYS_H

#include "postgres.h"

#include "actions/errors.h"
#include "store/access_keys.h"

/*
 * Makes a key for its role; what its id and secret are to be may be given.  *session_token: what has to come with one that
 * expires and whose secret is ours, else NULL.
 */
extern SFN_MUST_CHECK bool access_key_create(ActionCall *call, AccessKey *key, char **session_token);
extern SFN_MUST_CHECK bool access_key_update(ActionCall *call, const char *id, const char *status);
extern SFN_MUST_CHECK bool access_key_drop(ActionCall *call, const char *id);

/* Calls may be made as this role: it exists, and is no superuser unless the setting says so. */
extern SFN_MUST_CHECK bool gateway_role_check(ActionCall *call, Oid role);

#endif /* SFN_ACTIONS_ACCESS_KEYS_H */
