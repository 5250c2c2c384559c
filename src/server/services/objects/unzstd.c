/*
 * unzstd.c
 *	  Undoing ZSTD, where its library was there when sfn was built.
 *
 * The window that a file asks for is the library's own memory, at most 128 MB; it is given back with the context in which the
 * unpacking began.
 */
#include "postgres.h"

#ifdef SFN_HAS_ZSTD
#include <zstd.h>
#endif

#include "miscadmin.h"

#include "base/error.h"
#include "services/objects/unpack.h"

#ifdef SFN_HAS_ZSTD

#define OUT_BYTES (64 * 1024)

typedef struct Unzstd
{
	ObjectDataSink sink;
	void *arg;
	ZSTD_DCtx *context;
	bool is_within; /* a frame has begun and not ended */
	MemoryContextCallback at_reset;
	char out[OUT_BYTES];
} Unzstd;

static void
give_back(void *arg)
{
	Unzstd *unzstd = arg;

	(void) ZSTD_freeDCtx(unzstd->context);
	unzstd->context = NULL;
}

static void *
unzstd_begin(ObjectDataSink sink, void *arg)
{
	Unzstd *unzstd = palloc0(sizeof(Unzstd));

	unzstd->sink = sink;
	unzstd->arg = arg;
	unzstd->at_reset = (MemoryContextCallback){.func = give_back, .arg = unzstd};
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &unzstd->at_reset);
	unzstd->context = ZSTD_createDCtx();
	if (unzstd->context == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("could not begin to decompress")));
	return unzstd;
}

static bool
unzstd_data(void *arg, const char *data, Size length, SfnError *error)
{
	Unzstd *unzstd = arg;
	ZSTD_inBuffer in = {.src = data, .size = length};
	ZSTD_outBuffer out;

	do
	{
		size_t result;

		CHECK_FOR_INTERRUPTS();
		out = (ZSTD_outBuffer){.dst = unzstd->out, .size = OUT_BYTES};
		result = ZSTD_decompressStream(unzstd->context, &out, &in);
		if (ZSTD_isError(result))
			return sfn_error(error, ERROR_ITEM_READER_FAILED, "The ZSTD data is damaged: %s.",
							 ZSTD_getErrorName(result));
		unzstd->is_within = result != 0;
		if (out.pos > 0 && !unzstd->sink(unzstd->arg, unzstd->out, out.pos, error))
			return false;
	} while (in.pos < in.size || out.pos == out.size);
	return true;
}

static bool
unzstd_end(void *arg, SfnError *error)
{
	Unzstd *unzstd = arg;

	give_back(unzstd);
	return !unzstd->is_within || sfn_error(error, ERROR_ITEM_READER_FAILED, "The ZSTD data ends unexpectedly.");
}

#else

static void *
unzstd_begin(ObjectDataSink sink, void *arg)
{
	return NULL;
}

static bool
unzstd_data(void *arg, const char *data, Size length, SfnError *error)
{
	return sfn_error(error, ERROR_ITEM_READER_FAILED,
					 "The object cannot be read here: this server's sfn was built without ZSTD; GZIP is known.");
}

static bool
unzstd_end(void *arg, SfnError *error)
{
	return true;
}

#endif

const Packing packing_zstd = {{".zst", ".zstd"}, unzstd_begin, unzstd_data, unzstd_end};
