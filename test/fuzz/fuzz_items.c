/*
 * fuzz_items.c
 *	  Any bytes as a source of items: reading ends, and the cut of the bytes changes nothing.
 *
 * The first byte chooses format and options, the second how the rest is cut.  A JSON array
 * that the parser accepts as a whole gives its elements.
 */
#include "fuzz/fuzz.h"

#include "items/item_reader.h"

static const char *const configs[] = {
	"{'InputType': 'CSV', 'CSVHeaderLocation': 'FIRST_ROW'}",
	"{'InputType': 'CSV', 'CSVHeaderLocation': 'GIVEN', 'CSVHeaders': ['a', 'b'], 'CSVDelimiter': 'PIPE'}",
	"{'InputType': 'JSON'}",
	"{'InputType': 'JSON', 'ItemsPointer': '/a/0'}",
	"{'InputType': 'JSON', 'ItemsPointer': '/a'}",
	"{'InputType': 'JSONL'}",
};

static bool
print_item(void *arg, const JsonVal *item, const char *key, SfnError *error)
{
	StringInfo all = arg;

	if (key != NULL)
		jv_print_string(all, key, (int) strlen(key));
	jv_print(all, item);
	appendStringInfoChar(all, '\n');
	return true;
}

static char *
read_all(const ItemReaderConfig *config, const char *text, size_t size, size_t piece)
{
	StringInfoData all;
	ItemReader *reader;
	SfnError error;

	initStringInfo(&all);
	reader = item_reader_begin(config, print_item, &all);
	for (size_t i = 0; i < size; i += piece)
	{
		size_t part = Min(piece, size - i);
		char *copy = palloc(part);

		memcpy(copy, text + i, part);
		if (!item_reader_feed(reader, copy, part, &error))
			return psprintf("%s%s", all.data, error.cause);
		pfree(copy);
	}
	return item_reader_end(reader, &error) ? all.data : psprintf("%s%s", all.data, error.cause);
}

/* The parser's opinion; both sides refuse other texts for their own reasons. */
static void
check_array(const char *text, size_t size, const char *items)
{
	JvParseError error;
	const JsonVal *array = jv_parse(text, (int) size, &error);
	StringInfoData all;

	if (!jv_is(array, JV_ARRAY) || memchr(text, '\xEF', size) != NULL)
		return;
	initStringInfo(&all);
	for (int i = 0; i < array->count; i++)
		FUZZ_ASSERT(print_item(&all, array->u.items[i], NULL, NULL));
	FUZZ_ASSERT(strcmp(all.data, items) == 0 || strstr(items, "UTF-8") != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	const char *text = (const char *) data + 2;
	ItemReaderConfig config;
	SfnError error;
	int chosen;
	char *whole;

	if (size < 3 || size > 100000)
		return 0;
	chosen = data[0] % lengthof(configs);
	FUZZ_ASSERT(item_reader_config(unit_json(configs[chosen]), data[0] / lengthof(configs) % 4, &config, &error));
	whole = read_all(&config, text, size - 2, size);
	FUZZ_ASSERT(strcmp(whole, read_all(&config, text, size - 2, 1 + data[1])) == 0);
	FUZZ_ASSERT(strcmp(whole, read_all(&config, text, size - 2, 1)) == 0);
	if (chosen == 2 && config.max_items == 0)
		check_array(text, size - 2, whole);
	unit_reset_memory();
	return 0;
}
