/*
 * sqs_codes.h
 *	  What SQS's errors were called before it spoke JSON.
 */
#ifndef SFN_AWS_SQS_CODES_H
#define SFN_AWS_SQS_CODES_H

/* The older code of the error, which x-amzn-query-error has and SDKs show. */
extern const char *sqs_older_code(const char *code);

#endif /* SFN_AWS_SQS_CODES_H */
