/*
 * connections.h
 *	  Connections: credentials of HTTP tasks.
 */
#ifndef SFN_ACTIONS_CONNECTIONS_H
#define SFN_ACTIONS_CONNECTIONS_H

#include "postgres.h"

#include "actions/errors.h"
#include "store/connections.h"
#include "json/json_value.h"

/*
 * Makes the connection of that name, authorization type and description, or with replaces changes it; the rest of the
 * row is filled in.  parameters, tls: objects or NULL.
 */
extern SFN_MUST_CHECK bool connection_create(ActionCall *call, ConnectionRow *row, const JsonVal *parameters,
											 const JsonVal *tls, bool replaces);
/* The same for credentials of AWS, whose parameters have been checked. */
extern SFN_MUST_CHECK bool connection_create_aws(ActionCall *call, ConnectionRow *row, const JsonVal *parameters,
												 bool replaces);
extern SFN_MUST_CHECK bool connection_drop(ActionCall *call, const char *name);

/* *value, if there is one, must be an object. */
extern SFN_MUST_CHECK bool check_connection_object(ActionCall *call, const JsonVal *value, const char *argument);

#endif /* SFN_ACTIONS_CONNECTIONS_H */
