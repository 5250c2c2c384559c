/*
 * item_source_kinds.h
 *	  What the kinds of item sources share and nobody else needs.
 */
#ifndef SFN_SERVICES_ITEMS_ITEM_SOURCE_KINDS_H
#define SFN_SERVICES_ITEMS_ITEM_SOURCE_KINDS_H

#include "services/items/item_source.h"

#include "items/item_reader.h"

typedef struct ItemReading ItemReading;

/* Reads a source; false: *reading->error is filled.  SQL errors may be thrown. */
typedef bool (*ItemSourceRead)(ItemReading *reading);

/* One call of item_source_read(). */
struct ItemReading
{
	const ItemSource *source;
	ItemSourceRead read;
	ItemSourceSink sink;
	void *arg;
	SfnError *error;              /* allocated in caller_context */
	MemoryContext caller_context; /* in which the sink is called */
	MemoryContext item_context;   /* reset after each item */
	int64 count;                  /* items so far */
	bool has_failed;
};

/* Each source, by its name in asl/service_list.h. */
#define ITEM_SOURCE(name, resource, required) extern bool item_source_##name(ItemReading *reading);
#include "asl/service_list.h"

/* Reads the items in an object, or a version of it, by the ReaderConfig given; one whose key ends in ".gz" is compressed. */
extern bool item_source_read_object(ItemReading *reading, const char *bucket, const char *key, const char *version,
									const JsonVal *reader_config);

/* The same with an object of several: an error says which one it was. */
extern bool item_source_read_one_of(ItemReading *reading, const char *bucket, const char *key,
									const JsonVal *reader_config);

/* Whether the object to be read only names others, in which the items are; reading those. */
extern bool item_source_is_manifest(const ItemReading *reading);
extern bool item_source_manifest(ItemReading *reading, const char *bucket, const char *key);

/* A string among the parameters; NULL: the error is filled. */
extern const char *item_source_string(ItemReading *reading, const char *name);

/* MaxItems were read. */
extern bool item_source_has_enough(const ItemReading *reading);

/* Hands on an item made in item_context, which is reset. */
extern bool item_source_emit(ItemReading *reading, const JsonVal *item, const char *key, const char *source_name);

/* Text that is read by ReaderConfig, until MaxItems of the whole reading are there. */
typedef struct ItemFeed
{
	ItemReading *reading;
	const char *source_name;
	ItemReaderConfig config;
	ItemReader *reader;
} ItemFeed;

/* False: the error is filled.  To be ended in the context it was begun in. */
extern bool item_feed_begin(ItemFeed *feed, ItemReading *reading, const JsonVal *reader_config,
							const char *source_name);

/* An ObjectDataSink of a feed: false with an error, or without when there are items enough. */
extern bool item_feed_data(void *feed, const char *data, Size length, SfnError *error);

extern bool item_feed_end(ItemFeed *feed);

#endif /* SFN_SERVICES_ITEMS_ITEM_SOURCE_KINDS_H */
