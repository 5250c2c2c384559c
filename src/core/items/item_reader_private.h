/*
 * item_reader_private.h
 *	  What the readers of the formats share and nobody else needs.
 */
#ifndef SFN_ITEMS_ITEM_READER_PRIVATE_H
#define SFN_ITEMS_ITEM_READER_PRIVATE_H

#include "items/item_reader.h"

/* Bytes of a CSV header, at most. */
#define MAX_HEADER_BYTES (10 * 1024)

/* One format: a row of the table in item_reader.c. */
typedef struct ItemFormat
{
	void *(*begin)(const ItemReaderConfig *config);
	bool (*feed)(ItemReader *reader, const char *data, size_t length, SfnError *error);
	bool (*end)(ItemReader *reader, SfnError *error);
} ItemFormat;

struct ItemReader
{
	ItemReaderConfig config;
	const ItemFormat *format;
	void *state; /* the format's own */
	ItemSink sink;
	void *arg;
	int64 count;     /* items so far */
	int mark_length; /* bytes of a byte order mark seen at the beginning; MARK_IS_PAST behind it */
	bool is_done;
	bool is_failed;
};

extern const ItemFormat item_format_csv;
extern const ItemFormat item_format_json;
extern const ItemFormat item_format_jsonl;

/* Hands the item to the sink; what was allocated in the current context may be gone after it. */
extern bool item_emit(ItemReader *reader, const JsonVal *item, const char *key, SfnError *error);

/* Parses an item's text and hands it on; where names the item in an error ("Line", "Item") beside its number. */
extern bool item_emit_text(ItemReader *reader, const char *text, size_t length, const char *key, const char *where,
						   int64 number, SfnError *error);

/* Fails unless an item of that many bytes is allowed. */
extern bool item_check_size(size_t length, SfnError *error);

/* Whether the text can be a string: UTF-8 without NUL bytes. */
extern bool item_text_is_valid(const char *text, size_t length);

#endif /* SFN_ITEMS_ITEM_READER_PRIVATE_H */
