/*
 * task_token.c
 *	  Task tokens: 128 random bits and a signature.
 *
 * A token is found in its task's row; the signature only tells, once that row is
 * gone, a token that was good once from one that never was.  Bytes, before base64:
 * the execution's id (8), random (16), signature of both (9).
 */
#include "postgres.h"

#include "common/base64.h"

#include "base/hashes.h"
#include "store/store.h"
#include "store/task_token.h"

#define ID_BYTES 8
#define RANDOM_BYTES 16
#define SIGNED_BYTES (ID_BYTES + RANDOM_BYTES)
#define SIGNATURE_BYTES 9
#define TOKEN_BYTES (SIGNED_BYTES + SIGNATURE_BYTES)
#define TOKEN_LENGTH (TOKEN_BYTES / 3 * 4)

char *
task_token_key(void)
{
	static StoreQuery query = {"SELECT instance_id::text FROM sfn.instance", 0};

	return store_run(&query, NULL, NULL, 1) == 1 ? store_text(0, ONLY_COLUMN) : "";
}

static void
token_sign(const char *key, const uint8 *bytes, uint8 *signature)
{
	uint8 digest[HMAC_SHA256_BYTES];

	if (!hmac_sha256(key, strlen(key), bytes, SIGNED_BYTES, digest))
		elog(ERROR, "could not sign a task token");
	memcpy(signature, digest, SIGNATURE_BYTES);
}

char *
task_token_make(const char *key, int64 execution_id)
{
	uint8 bytes[TOKEN_BYTES];
	char *token = palloc(TOKEN_LENGTH + 1);

	for (int i = 0; i < ID_BYTES; i++)
		bytes[i] = (uint8) (execution_id >> (8 * (ID_BYTES - 1 - i)));
	if (!pg_strong_random(bytes + ID_BYTES, RANDOM_BYTES))
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values")));
	token_sign(key, bytes, bytes + SIGNED_BYTES);
	if (pg_b64_encode((const void *) bytes, TOKEN_BYTES, token, TOKEN_LENGTH) != TOKEN_LENGTH)
		elog(ERROR, "could not encode a task token");
	token[TOKEN_LENGTH] = '\0';
	return token;
}

bool
task_token_is_genuine(const char *key, const char *token)
{
	uint8 bytes[TOKEN_BYTES];
	uint8 signature[SIGNATURE_BYTES];
	uint8 difference = 0;

	if (strlen(token) != TOKEN_LENGTH || pg_b64_decode(token, TOKEN_LENGTH, (void *) bytes, TOKEN_BYTES) != TOKEN_BYTES)
		return false;
	token_sign(key, bytes, signature);
	for (int i = 0; i < SIGNATURE_BYTES; i++)
		difference |= signature[i] ^ bytes[SIGNED_BYTES + i];
	return difference == 0;
}
