/*
 * access_keys.h
 *	  Access keys of the gateway, their secrets, and what repeated calls have started.
 *
 * Secrets leave their table for the gateway only.  Everything here runs between
 * store_enter() and store_leave().
 */
#ifndef SFN_STORE_ACCESS_KEYS_H
#define SFN_STORE_ACCESS_KEYS_H

#include "postgres.h"

#include "datatype/timestamp.h"

typedef struct AccessKey
{
	char *id;
	Oid role;
	Datum actions; /* text[] */
	bool has_actions;
	char *description;      /* or NULL */
	TimestampTz expiration; /* 0: never */
	char *secret;           /* NULL: it was restored without */
	char *token_hash;       /* of the session token; NULL: none */
} AccessKey;

extern AccessKey *access_key_active(const char *id); /* NULL: unknown or inactive */

/* A request with it was accepted; noted once an hour, without waiting for anybody who notes it, too. */
extern void access_key_used(const char *id, TimestampTz now);

/* The role of one, active or not; InvalidOid: there is none. */
extern Oid access_key_role(const char *id);

/* Makes it, or gives an existing one of the same role without a secret its secret; false: it is taken. */
extern bool access_key_insert(const AccessKey *key, TimestampTz now);
/* False: there is none, or it is not of a role whose privileges the caller has. */
extern bool access_key_set_status(const char *id, const char *status, Oid caller);
extern bool access_key_delete(const char *id, Oid caller);
/* Secrets of keys that are gone. */
extern void access_secrets_prune(void);

/* Gives a role, quoted, the right to execute the functions of the gateway, or takes it back. */
extern void gateway_grant(const char *role, bool is_granted);

/* ---- calls that may be repeated ---- */

/* What a call has started already; 0: nothing, or too long ago. */
extern int64 gateway_start_find(Oid role, const char *invocation_id, TimestampTz now);
/* False: another attempt was quicker. */
extern bool gateway_start_note(Oid role, const char *invocation_id, int64 execution_id, TimestampTz now);
extern void gateway_starts_prune(TimestampTz now);

#endif /* SFN_STORE_ACCESS_KEYS_H */
