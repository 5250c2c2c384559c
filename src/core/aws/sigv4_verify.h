/*
 * sigv4_verify.h
 *	  Checking AWS Signature Version 4: is a request from who has the secret, as he wrote it, and of now?
 *
 * First what the request says of itself is read (sigv4_claim_read), which names the key;
 * with the secret that belongs to it the signature is checked (sigv4_claim_check).  What
 * is wrong is said by AWS's names.
 */
#ifndef SFN_AWS_SIGV4_VERIFY_H
#define SFN_AWS_SIGV4_VERIFY_H

#include "base/port.h"

#define SIGV4_MAX_HEADERS 64

typedef struct Sigv4Header
{
	const char *name; /* as it came, any case */
	const char *value;
} Sigv4Header;

/* A request as it was received. */
typedef struct Sigv4Received
{
	const char *method;
	const char *path;  /* as it was sent, percent-encoded */
	const char *query; /* likewise, without "?"; or "" */
	const Sigv4Header *headers;
	int header_count;
	const char *body_hash; /* SHA-256 in hexadecimal */
	bool is_private;       /* over TLS: the body need not be signed */
} Sigv4Received;

/* What it says of itself. */
typedef struct Sigv4Claim
{
	const char *access_key;
	const char *day; /* "20130524" */
	const char *region;
	const char *service;
	const char *time;           /* "20130524T000000Z" */
	const char *signed_headers; /* "host;x-amz-date" */
	const char *signature;
	const char *session_token; /* or NULL */
} Sigv4Claim;

typedef struct Sigv4Problem
{
	const char *code; /* AWS's: "IncompleteSignatureException" */
	const char *message;
} Sigv4Problem;

/* The value of the first header of that name, any case; NULL: none. */
extern const char *sigv4_header(const Sigv4Received *request, const char *name);

/* Is the request signed at all? */
extern bool sigv4_is_signed(const Sigv4Received *request);

/* False: *problem says why it is not to be understood, or not of now. */
extern bool sigv4_claim_read(const Sigv4Received *request, TimestampTz now, Sigv4Claim *claim, Sigv4Problem *problem);

/*
 * False: it was not signed with this secret, or not as it came.  *canonical is the form that should have been signed, for
 * whoever looks for the difference.
 */
extern bool sigv4_claim_check(const Sigv4Received *request, const Sigv4Claim *claim, const char *secret,
							  char **canonical, Sigv4Problem *problem);

/* Compares without telling by its duration where texts differ. */
extern bool secret_equals(const char *a, const char *b);

#endif /* SFN_AWS_SIGV4_VERIFY_H */
