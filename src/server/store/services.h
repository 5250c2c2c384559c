/*
 * services.h
 *	  AWS services in the tables: what is known of them, endpoints, credentials for calls.
 *
 * All run between store_enter() and store_leave().
 */
#ifndef SFN_STORE_SERVICES_H
#define SFN_STORE_SERVICES_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "base/error.h"
#include "json/json_value.h"

typedef struct ServiceFacts
{
	const char *name;
	const char *prefix;
	const char *protocol;
	int32 operations;
	const char *source;
	const char *text;
} ServiceFacts;

extern void service_upsert(const ServiceFacts *facts);

/* When the service was loaded, 0: it is not known; its facts. */
extern TimestampTz service_loaded(const char *name);
extern char *service_facts(const char *name);

/* All names, for a hint. */
extern int service_names(const char ***names);

/* Where calls of the service go; NULL: to AWS. */
extern char *service_endpoint_for(const char *service, const char *region);
extern void service_endpoint_upsert(const char *service, const char *region, const char *url);
extern bool service_endpoint_delete(const char *service, const char *region); /* false: there was none */

typedef struct AwsCredentials
{
	int64 id;
	int64 version; /* rises with each change */
	const char *name;
	const JsonVal *parameters; /* Source, AccessKeyId, SecretAccessKey, SessionToken, Region, RoleArns */
} AwsCredentials;

/* Those that these stand on, which have the same owner; source may be outer.  False: *error says why there are none. */
extern bool aws_credentials_source(const AwsCredentials *outer, AwsCredentials *source, SfnError *error);

/*
 * Those that calls of a machine of the role are signed with: the ones that list its role_arn, else "default".
 * False: *error says why there are none.
 */
extern bool aws_credentials_for(Oid role, const char *role_arn, AwsCredentials *credentials, SfnError *error);

/* Those of that name, if the role may use them. */
extern bool aws_credentials_named(Oid role, const char *name, AwsCredentials *credentials, SfnError *error);

#endif /* SFN_STORE_SERVICES_H */
