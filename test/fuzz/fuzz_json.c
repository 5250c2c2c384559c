/*
 * fuzz_json.c
 *	  Any bytes as JSON text: parsing ends, and what was parsed reads back.
 */
#include "fuzz/fuzz.h"

#include <stdio.h>

#include "base/timestamps.h"
#include "base/utf8.h"
#include "json/java_text.h"

static void
check_value(const JsonVal *value)
{
	JvParseError error;
	StringInfoData text;
	const JsonVal *again;
	int64 n;

	FUZZ_ASSERT(value->depth <= SFN_MAX_DEPTH);
	FUZZ_ASSERT(jv_equal(value, jv_clone(value)));
	initStringInfo(&text);
	jv_print(&text, value);
	again = jv_parse(text.data, text.len, &error);
	FUZZ_ASSERT(again != NULL && jv_equal(value, again));
	FUZZ_ASSERT(strcmp(text.data, jv_to_text(again)) == 0);
	if (value->type == JV_NUMBER && jv_to_int64(value, &n))
		FUZZ_ASSERT(jv_compare_numbers(value, jv_int(n)) == 0);

	resetStringInfo(&text);
	jv_print_pretty(&text, value);
	again = jv_parse(text.data, text.len, &error);
	FUZZ_ASSERT(again != NULL && jv_equal(value, again));
	resetStringInfo(&text);
	jv_print_in_string(&text, value);
	again = jv_parse(text.data, text.len, &error);
	FUZZ_ASSERT(jv_is(again, JV_STRING));
	java_text_print(&text, value);
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	const char *text = (const char *) data;
	JvParseError error;
	JvPositions *positions;
	const JsonVal *value;
	const JsonVal *with_positions;
	TimestampTz moment;
	int line;
	int column;

	if (size > 100000)
		return 0;
	value = jv_parse(text, size, &error);
	with_positions = jv_parse_positions(text, size, &error, &positions);
	FUZZ_ASSERT((value == NULL) == (with_positions == NULL));
	if (value == NULL)
		FUZZ_ASSERT(error.message != NULL && error.offset >= 0 && error.offset <= (int) size && error.line > 0);
	else
	{
		check_value(value);
		FUZZ_ASSERT(jv_equal(value, with_positions));
		FUZZ_ASSERT(jv_position_of(positions, "", &line, &column));
	}
	if (timestamp_parse(text, size, &moment))
	{
		StringInfoData printed;
		TimestampTz again;

		initStringInfo(&printed);
		timestamp_print(&printed, moment);
		/* years before 0 are printed but not read */
		FUZZ_ASSERT(printed.data[0] == '-' || (timestamp_parse(printed.data, printed.len, &again) && again == moment));
	}
	FUZZ_ASSERT(utf8_count(text, size) <= (int) size);
	utf8_is_valid(text, size);
	unit_reset_memory();
	return 0;
}
