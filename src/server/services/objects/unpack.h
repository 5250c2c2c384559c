/*
 * unpack.h
 *	  Undoing compression on the way of an object's bytes to their sink.
 *
 * The memory of one window and one buffer, whatever the bytes unfold to; who reads them bounds what an item may be.  The
 * libraries' memory is palloc'd, so an error leaks none.
 */
#ifndef SFN_SERVICES_OBJECTS_UNPACK_H
#define SFN_SERVICES_OBJECTS_UNPACK_H

#include "postgres.h"

#include "services/objects/objects.h"

typedef struct Packing
{
	const char *endings[3]; /* of the keys of objects that are packed so, NULL at the end */

	/* What unpacks, for the other two. */
	void *(*begin)(ObjectDataSink sink, void *arg);

	/* An ObjectDataSink.  Of gzip: bytes that do not begin as it does are passed on as they are. */
	ObjectDataSink data;

	/* The bytes have ended; false, with *error filled, when they should not have. */
	bool (*end)(void *arg, SfnError *error);
} Packing;

extern const Packing packing_gzip;
extern const Packing packing_zstd;

/* By an object's key; NULL: it is not packed. */
extern const Packing *packing_of(const char *key);

#endif /* SFN_SERVICES_OBJECTS_UNPACK_H */
