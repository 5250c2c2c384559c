/*
 * random_uuid.c
 *	  A random UUID as text.
 */
#include "postgres.h"

#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/uuid.h"

#include "settings/random_uuid.h"

char *
random_uuid(void)
{
	return DatumGetCString(DirectFunctionCall1(uuid_out, DirectFunctionCall1(gen_random_uuid, (Datum) 0)));
}

/* All shards make a change with one id, as the revision of a definition. */
char *
change_uuid(void)
{
	const char *given = GetConfigOption("sfn_shard.revision_id", true, false);

	if (given == NULL || given[0] == '\0')
		return random_uuid();
	return DatumGetCString(DirectFunctionCall1(uuid_out, DirectFunctionCall1(uuid_in, CStringGetDatum(given))));
}
