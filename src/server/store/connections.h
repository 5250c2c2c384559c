/*
 * connections.h
 *	  Credentials for HTTP requests, and where requests may go.
 *
 * The table of connections is nobody's to read but the extension's: secrets leave
 * it only inside a request.  Everything here runs between store_enter() and
 * store_leave().
 */
#ifndef SFN_STORE_CONNECTIONS_H
#define SFN_STORE_CONNECTIONS_H

#include "postgres.h"

#include "base/error.h"
#include "settings/http_egress.h"
#include "json/json_value.h"

typedef struct ConnectionRow
{
	int64 id;
	int64 version;
	char *name;
	char *connection_id; /* the last part of its ARN */
	Oid owner;
	char *description; /* or NULL */
	char *authorization_type;
	char *parameters; /* AuthParameters with all secrets */
	char *shown;      /* the same without them */
	char *tls;        /* {"ca", "certificate", "key"}, or NULL */
} ConnectionRow;

typedef enum ConnectionType
{
	CONNECTION_NONE,
	CONNECTION_API_KEY,
	CONNECTION_BASIC,
	CONNECTION_OAUTH,
	CONNECTION_AWS /* signs calls of services, not requests of http:invoke */
} ConnectionType;

/* Credentials and what is added to each request; read from a row by connection_for_task(). */
typedef struct HttpConnection
{
	int64 id;
	int64 version; /* rises with each change */
	const char *name;
	ConnectionType type;
	const JsonVal *parameters; /* AuthParameters */
	const char *ca;            /* PEM, or NULL */
	const char *certificate;
	const char *key;
	bool has_tls;
} HttpConnection;

extern ConnectionRow *connection_by_name(const char *name); /* NULL: none */
/* Both false: there is one of that name that is not the owner's, or caller's, or not to be replaced; or, to delete, none. */
extern bool connection_upsert(const ConnectionRow *connection, bool replaces);
extern bool connection_delete(const char *name, Oid caller);

/* Lets machines of the role and its members use it, and no longer. */
extern void connection_take_back_all(int64 id);

#define ERROR_CONNECTION_MISSING "Events.ResourceNotFoundException"

/* The connection that a task of this role names, by name or ARN; false: *error says why not. */
extern bool connection_for_task(const char *name_or_arn, Oid role, HttpConnection **connection, SfnError *error);

/* The allow-list: the setting's entries and the table's. */
extern EgressPolicy *egress_policy_load(void);

#endif /* SFN_STORE_CONNECTIONS_H */
