/*
 * object_locks.c
 *	  Locks of the lock manager on rows' objects.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/lsyscache.h"

#include "store/object_locks.h"

static LOCKTAG
lock_tag(const char *table, int64 id)
{
	Oid relation = get_relname_relid(table, get_namespace_oid("sfn", false));
	LOCKTAG tag;

	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, relation, (uint32) id, (uint16) (id >> 32));
	return tag;
}

void
object_lock(const char *table, int64 id)
{
	LOCKTAG tag = lock_tag(table, id);

	(void) LockAcquire(&tag, ExclusiveLock, false, false);
}

bool
object_lock_if_free(const char *table, int64 id)
{
	LOCKTAG tag = lock_tag(table, id);

	return LockAcquire(&tag, ExclusiveLock, false, true) != LOCKACQUIRE_NOT_AVAIL;
}
