/*
 * fuzz_s3_listing.c
 *	  Any bytes as S3's list of objects: reading ends, within the bytes.
 */
#include "fuzz/fuzz.h"

#include "aws/s3_listing.h"

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	/* a copy of its own, so that reading beyond it is seen */
	char *xml = palloc(size + (size == 0));
	const char *token;
	SfnError error = {0};
	const JsonVal *objects;

	memcpy(xml, data, size);
	objects = size > 100000 ? NULL : s3_list_page(xml, (int) size, &token, &error);
	FUZZ_ASSERT(objects != NULL || size > 100000 || error.cause != NULL);
	for (int i = 0; objects != NULL && i < objects->count; i++)
		FUZZ_ASSERT(jv_get_string(objects->u.items[i], "Key") != NULL);
	unit_reset_memory();
	return 0;
}
