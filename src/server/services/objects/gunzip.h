/*
 * gunzip.h
 *	  Undoing gzip on the way of an object's bytes to their sink.
 */
#ifndef SFN_SERVICES_OBJECTS_GUNZIP_H
#define SFN_SERVICES_OBJECTS_GUNZIP_H

#include "postgres.h"

#include "services/objects/objects.h"

typedef struct Gunzip Gunzip;

/* Bytes that do not begin as gzip does are passed on as they are. */
extern Gunzip *gunzip_begin(ObjectDataSink sink, void *arg);

/* An ObjectDataSink; arg is the Gunzip. */
extern bool gunzip_data(void *arg, const char *data, Size length, SfnError *error);

/* The bytes have ended; false, with *error filled, when they should not have. */
extern bool gunzip_end(Gunzip *gunzip, SfnError *error);

#endif /* SFN_SERVICES_OBJECTS_GUNZIP_H */
