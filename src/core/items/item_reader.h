/*
 * item_reader.h
 *	  The items of a Distributed Map, read from a stream of bytes: CSV, JSON or JSON Lines.
 *
 * Bytes are fed in pieces of any size; each item that is complete goes to the
 * sink at once, so a source of any length is read in the memory of one item.
 *
 * Memory: the reader and its buffers belong to the context that was current in
 * item_reader_begin().  Items, and errors, are made in the context that is current
 * in item_reader_feed() and item_reader_end(); when the sink is called nothing else
 * of the reader's is in there, so a sink may reset that context before it returns.
 * An item must not be used after item_reader_begin()'s context is gone.
 */
#ifndef SFN_ITEMS_ITEM_READER_H
#define SFN_ITEMS_ITEM_READER_H

#include "json/json_value.h"

/* Bytes of one item in the source, at most. */
#define ITEM_MAX_BYTES (8 * 1024 * 1024)

/* Items that are read from one source, at most. */
#define ITEMS_MAX_COUNT INT64CONST(100000000)

typedef enum ItemInputType
{
	ITEMS_CSV,
	ITEMS_JSON,
	ITEMS_JSONL
} ItemInputType;

typedef struct ItemReaderConfig
{
	ItemInputType input_type;
	char delimiter;            /* CSV */
	bool headers_given;        /* CSV: headers names the fields; else the first row does */
	const JsonVal *headers;    /* an array of strings, all different */
	const char *items_pointer; /* JSON: pointer to the array or object that holds the items, "" for the whole text */
	int64 max_items;           /* 0: no limit */
} ItemReaderConfig;

/*
 * From the ReaderConfig object of a definition (NULL: none was given).  max_items as MaxItems or MaxItemsPath
 * gives it.  False: *error is States.ItemReaderFailed.
 */
extern bool item_reader_config(const JsonVal *reader_config, int64 max_items, ItemReaderConfig *config,
							   SfnError *error);

/*
 * Takes one item; false, with *error filled, ends the reading.  key is the member's name where the items are an
 * object's members, else NULL.
 */
typedef bool (*ItemSink)(void *arg, const JsonVal *item, const char *key, SfnError *error);

typedef struct ItemReader ItemReader;

/* *config is copied; what it points to must live as long as the reader. */
extern ItemReader *item_reader_begin(const ItemReaderConfig *config, ItemSink sink, void *arg);

/* The next bytes of the source.  False: the sink's error, or States.ItemReaderFailed; nothing more may be fed. */
extern bool item_reader_feed(ItemReader *reader, const char *data, size_t length, SfnError *error);

/* max_items were read: the rest of the source is not needed, and passed over when it is fed nevertheless. */
extern bool item_reader_is_done(const ItemReader *reader);

/* The source has ended.  False as for item_reader_feed(). */
extern bool item_reader_end(ItemReader *reader, SfnError *error);

#endif /* SFN_ITEMS_ITEM_READER_H */
