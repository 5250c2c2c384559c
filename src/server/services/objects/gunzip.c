/*
 * gunzip.c
 *	  Undoing gzip.
 */
#include "postgres.h"

#include <zlib.h>

#include "miscadmin.h"

#include "base/error.h"
#include "services/objects/unpack.h"

#define OUT_BYTES (64 * 1024)

/* For inflateInit2(): gzip only, the largest window. */
#define GZIP_WINDOW (16 + MAX_WBITS)

typedef enum GunzipState
{
	GUNZIP_START,  /* nothing has come yet */
	GUNZIP_PLAIN,  /* it is no gzip */
	GUNZIP_MEMBER, /* within compressed data */
	GUNZIP_BETWEEN /* behind it; more may follow */
} GunzipState;

typedef struct Gunzip
{
	ObjectDataSink sink;
	void *arg;
	GunzipState state;
	z_stream stream;
	Bytef out[OUT_BYTES];
} Gunzip;

static voidpf
gunzip_palloc(voidpf opaque, uInt items, uInt size)
{
	return palloc_extended((Size) items * size, MCXT_ALLOC_NO_OOM);
}

static void
gunzip_pfree(voidpf opaque, voidpf pointer)
{
	pfree(pointer);
}

static void *
gunzip_begin(ObjectDataSink sink, void *arg)
{
	Gunzip *gunzip = palloc0(sizeof(Gunzip));

	gunzip->sink = sink;
	gunzip->arg = arg;
	gunzip->stream.zalloc = gunzip_palloc;
	gunzip->stream.zfree = gunzip_pfree;
	if (inflateInit2(&gunzip->stream, GZIP_WINDOW) != Z_OK)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("could not begin to decompress")));
	return gunzip;
}

static bool
fail_damaged(SfnError *error)
{
	return sfn_error(error, ERROR_ITEM_READER_FAILED, "The gzip data is damaged.");
}

/* Unfolds what there is of one member of the file. */
static bool
inflate_member(Gunzip *gunzip, SfnError *error)
{
	z_stream *stream = &gunzip->stream;
	int result;

	do
	{
		CHECK_FOR_INTERRUPTS();
		stream->next_out = gunzip->out;
		stream->avail_out = OUT_BYTES;
		result = inflate(stream, Z_NO_FLUSH);
		if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
			return fail_damaged(error);
		if (stream->avail_out < OUT_BYTES &&
			!gunzip->sink(gunzip->arg, (char *) gunzip->out, OUT_BYTES - stream->avail_out, error))
			return false;
	} while (result == Z_OK && (stream->avail_in > 0 || stream->avail_out == 0));

	gunzip->state = GUNZIP_MEMBER;
	if (result == Z_STREAM_END)
	{
		gunzip->state = GUNZIP_BETWEEN;
		(void) inflateReset(stream);
	}
	return true;
}

static bool
gunzip_data(void *arg, const char *data, Size length, SfnError *error)
{
	Gunzip *gunzip = arg;

	if (gunzip->state == GUNZIP_START && length > 0 && (unsigned char) data[0] != 0x1f)
		gunzip->state = GUNZIP_PLAIN;
	if (gunzip->state == GUNZIP_PLAIN)
		return gunzip->sink(gunzip->arg, data, length, error);

	gunzip->stream.next_in = (Bytef *) unconstify(char *, data);
	gunzip->stream.avail_in = (uInt) length;
	while (gunzip->stream.avail_in > 0)
	{
		if (!inflate_member(gunzip, error))
			return false;
	}
	return true;
}

static bool
gunzip_end(void *arg, SfnError *error)
{
	Gunzip *gunzip = arg;

	(void) inflateEnd(&gunzip->stream);
	return gunzip->state != GUNZIP_MEMBER ||
		sfn_error(error, ERROR_ITEM_READER_FAILED, "The gzip data ends unexpectedly.");
}

const Packing packing_gzip = {{".gz"}, gunzip_begin, gunzip_data, gunzip_end};
