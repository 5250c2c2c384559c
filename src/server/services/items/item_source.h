/*
 * item_source.h
 *	  Reading the items of a Distributed Map from what its ItemReader names.
 */
#ifndef SFN_SERVICES_ITEMS_ITEM_SOURCE_H
#define SFN_SERVICES_ITEMS_ITEM_SOURCE_H

#include "postgres.h"

#include "json/json_value.h"

typedef struct ItemSource
{
	const char *resource;         /* ItemReader.Resource, as the definition has it */
	const JsonVal *parameters;    /* Parameters or Arguments, evaluated; NULL: none */
	const JsonVal *reader_config; /* ReaderConfig, as the definition has it; NULL: none */
	int64 max_items;              /* MaxItems or MaxItemsPath, evaluated; 0: no limit */
	Oid role;                     /* the machine's */
	int64 timeout_ms;             /* for all of it; 0: none */
	bool is_session;              /* sfn.run_once() */
	bool is_last_try;             /* a failure of the server is the source's own now */
} ItemSource;

/*
 * Takes one item; false, with *error filled, ends the reading.  key is the member's name where the items are an object's
 * members, else NULL; source is for $$.Map.Item.Source.
 *
 * It is called as the machine's role, in a subtransaction, with SPI connected: what it does to the extension's tables
 * stands between store_enter() and store_leave().  The current context is the caller's of item_source_read(); item, key
 * and source are gone when it returns.
 */
typedef bool (*ItemSourceSink)(void *arg, const JsonVal *item, const char *key, const char *source, SfnError *error);

/*
 * Reads all items, one after the other; the memory of one item and one buffer, whatever the source has.  To be called
 * with one execution alone in the transaction.
 *
 * False: *error is the failure (States.ItemReaderFailed, States.Permissions, States.Timeout, or the sink's), and what
 * the sink did to tables is rolled back.  An error without a name: it was cancelled for a stop or for DDL, and
 * is to be begun again in a later turn.  Failures of the server are thrown unless it is the last try.
 */
extern bool item_source_read(const ItemSource *source, ItemSourceSink sink, void *arg, SfnError *error);

#endif /* SFN_SERVICES_ITEMS_ITEM_SOURCE_H */
