/*
 * fuzz_query_form.c
 *	  Any bytes as a form of AWS's query protocol: they become a request or are refused, and what was read can be answered.
 */
#include "fuzz/fuzz.h"

#include "aws/query_form.h"
#include "aws/xml.h"

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	const JsonVal *request;

	if (size > 20000)
		return 0;
	request = query_form_read(pnstrdup((const char *) data, size));
	if (request != NULL)
	{
		StringInfoData answer;
		char *text = jv_to_text(request);
		JvParseError problem;

		FUZZ_ASSERT(jv_is(request, JV_OBJECT));
		FUZZ_ASSERT(text != NULL);
		(void) jv_parse(text, (int) strlen(text), &problem); /* what is no UTF-8 is refused there */
		initStringInfo(&answer);
		query_answer_print(&answer, request);
	}
	unit_reset_memory();
	return 0;
}
