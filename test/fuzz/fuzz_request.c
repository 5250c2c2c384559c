/*
 * fuzz_request.c
 *	  Any bytes as a signed request: reading ends, within the bytes, and no signature is good.
 *
 * Lines: method, path, query, then headers as "Name: value".
 */
#include "fuzz/fuzz.h"

#include "aws/sigv4_verify.h"

#define MAX_BYTES 20000
#define NOW INT64CONST(700000000000000)

/* The next line, and what is behind it. */
static char *
next_line(char **rest)
{
	char *line = *rest;
	char *end = line + strcspn(line, "\n");

	*rest = *end == '\0' ? end : end + 1;
	*end = '\0';
	return line;
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	Sigv4Header headers[SIGV4_MAX_HEADERS];
	Sigv4Received request = {.headers = headers, .body_hash = "00"};
	Sigv4Claim claim;
	Sigv4Problem problem;
	char *text;
	char *canonical;

	if (size > MAX_BYTES)
		return 0;
	text = pnstrdup((const char *) data, size);
	request.method = next_line(&text);
	request.path = next_line(&text);
	request.query = next_line(&text);
	while (*text != '\0' && request.header_count < SIGV4_MAX_HEADERS)
	{
		char *line = next_line(&text);
		char *colon = strchr(line, ':');

		if (colon == NULL)
			continue;
		*colon = '\0';
		headers[request.header_count++] = (Sigv4Header){line, colon + 1};
	}
	if (sigv4_claim_read(&request, NOW, &claim, &problem))
		FUZZ_ASSERT(!sigv4_claim_check(&request, &claim, "secret", &canonical, &problem));
	FUZZ_ASSERT(problem.code != NULL && problem.message != NULL);
	unit_reset_memory();
	return 0;
}
