/*
 * trust.h
 *	  Whose functions, activities, machines, event buses, connections, buckets, queues and topics a machine may call.
 *
 * Their names are one space for a database, so anybody may own the one that a
 * definition has.  An owner is trusted by a machine's role when he is a superuser or
 * has the role's privileges, so that he could change the machine as well; or when
 * somebody who has them said so.  That holds for this owner and this object: another
 * owner, or an object made anew under the name, must be trusted anew.
 *
 * All run between store_enter() and store_leave().
 */
#ifndef SFN_STORE_TRUST_H
#define SFN_STORE_TRUST_H

#include "postgres.h"

#include "base/error.h"

typedef enum NameKind
{
	NAME_FUNCTION,
	NAME_ACTIVITY,
	NAME_STATE_MACHINE, /* its owner is its role */
	NAME_EVENT_BUS,     /* none that is a topic, and not the default one, which nobody can make anew */
	NAME_CONNECTION,    /* the first of those that are lent */
	NAME_BUCKET,
	NAME_QUEUE,
	NAME_TOPIC,
	NAME_KIND_COUNT
} NameKind;

extern const char *const name_kind_words[NAME_KIND_COUNT]; /* "function", ... */

typedef struct OwnedName
{
	NameKind kind;
	int64 id;
	const char *name;
	Oid owner;
} OwnedName;

/* What has the name now, locked against a change of owner and deletion until the transaction ends; false: nothing. */
extern bool owned_name_lock(NameKind kind, const char *name, OwnedName *found);

/* May machines of the role call it?  False: *error names the owner and what to do. */
extern bool name_is_trusted(const OwnedName *called, Oid role, SfnError *error);

/* Its owner has not lent it to the role: *error says who lends it, and how.  False. */
extern bool name_fail_unlent(const OwnedName *used, Oid role, SfnError *error);

extern void trust_put(const OwnedName *trusted, Oid role, Oid grantor);
extern void trust_delete(const OwnedName *trusted, Oid role);
/* It is gone, or has another owner: all trust in it. */
extern void trust_forget(NameKind kind, int64 id);

/* Of connections and queues: whom their owner lets use them. */
extern void use_lend(const OwnedName *lent, Oid role, Oid grantor);
extern void use_take_back(const OwnedName *lent, Oid role);

#endif /* SFN_STORE_TRUST_H */
