/*
 * services.h
 *	  AWS services: loading what is known of them, endpoints, credentials.
 */
#ifndef SFN_ACTIONS_SERVICES_H
#define SFN_ACTIONS_SERVICES_H

#include "postgres.h"

#include "actions/errors.h"
#include "json/json_value.h"

/* From AWS's model; its name in Resources is stored in *name. */
extern SFN_MUST_CHECK bool service_load_model(ActionCall *call, const JsonVal *model, const char *source,
											  const char **name);

/* Those that come with sfn (directory NULL), or the newest models of a directory of the server. */
extern SFN_MUST_CHECK bool services_load(ActionCall *call, const char *directory, int *count);

extern SFN_MUST_CHECK bool service_endpoint_create(ActionCall *call, const char *service, const char *region,
												   const char *url);
extern SFN_MUST_CHECK bool service_endpoint_drop(ActionCall *call, const char *service, const char *region);

/* source: "STATIC" or "ENVIRONMENT"; role_arns: an array of texts, or NULL. */
extern SFN_MUST_CHECK bool aws_credentials_create(ActionCall *call, const char *name, const char *source,
												  const JsonVal *parameters, const char *region,
												  const JsonVal *role_arns, bool replaces);

#endif /* SFN_ACTIONS_SERVICES_H */
