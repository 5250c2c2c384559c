/*
 * role_type.c
 *	  The type of roles in our tables: a number in operation, a name in dumps.
 *
 * A dumped role is looked up by its name where it is restored.  One that is not there must
 * not make COPY refuse the whole table, so it becomes a number with the highest bit
 * set, made from the name: no role has it, nothing may be done as it, and
 * sfn.adopt() recognises the role by it once it exists (store/roles.c).  The number of
 * a role that was dropped means nothing elsewhere, so it is treated as a name.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_authid.h"
#include "fmgr.h"
#include "nodes/value.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/regproc.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

#include "store/roles.h"

/* The one name in a text as regrole writes it. */
static char *
single_name(const char *text)
{
	char *copy = pstrdup(text);
	List *names;

	if (!SplitIdentifierString(copy, '.', &names) || list_length(names) != 1)
		ereport(ERROR, (errcode(ERRCODE_INVALID_NAME), errmsg("invalid name of a role: %s", text)));
	return linitial(names);
}

extern PGDLLEXPORT Datum sfn_role_in(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_role_in);
Datum
sfn_role_in(PG_FUNCTION_ARGS)
{
	const char *text = PG_GETARG_CSTRING(0);
	const char *name;
	Oid role;

	if (strcmp(text, "-") == 0 || strcmp(text, "0") == 0)
		PG_RETURN_OID(InvalidOid);
	if (text[0] != '\0' && strspn(text, "0123456789") == strlen(text))
	{
		unsigned long number = strtoul(text, NULL, 10);

		PG_RETURN_OID(number <= PG_UINT32_MAX && role_is_unknown((Oid) number) ? (Oid) number : role_unknown(text));
	}
	name = single_name(text);
	role = get_role_oid(name, true);
	PG_RETURN_OID(OidIsValid(role) ? role : role_unknown(name));
}

extern PGDLLEXPORT Datum sfn_role_out(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_role_out);
Datum
sfn_role_out(PG_FUNCTION_ARGS)
{
	Oid role = PG_GETARG_OID(0);
	HeapTuple tuple;
	char *result;

	if (!OidIsValid(role))
		PG_RETURN_CSTRING(pstrdup("-"));
	tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(role));
	if (!HeapTupleIsValid(tuple))
		PG_RETURN_CSTRING(psprintf("%u", role));
	result = pstrdup(quote_identifier(NameStr(((Form_pg_authid) GETSTRUCT(tuple))->rolname)));
	ReleaseSysCache(tuple);

	/* only a quoted name may look like a number */
	if (strspn(result, "0123456789") == strlen(result))
		result = psprintf("\"%s\"", result);
	PG_RETURN_CSTRING(result);
}
