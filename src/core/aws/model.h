/*
 * model.h
 *	  What is known of a service: its operations, the shapes of their parameters and results, its errors.
 *
 * A row is compact JSON, made of AWS's public model by aws_model_read():
 *
 *	prefix, ep, proto    names of errors, of the endpoint, of the protocol
 *	sn, jv, tp, api      name in signatures; JSON version, target prefix; API version
 *	qc                   true: the service spoke the query protocol once
 *	ops                  {operation: {m method, u URI, i input, o output, w wrapper of the result, a "none" or
 *	                     "unsigned", hp host prefix, ck checksum required, ca member that names the algorithm,
 *	                     es event stream}}
 *	sh                   shapes: {m {member: type}, p payload, rq required members}, {L type} a list, {K type, M type} a
 *	                     map, {s letter, min, max, enum} a text or number that may not have every value
 *	ex, err              shapes of errors; {code: shape} of those whose code is not their name
 *
 * A type is a letter (s text, i integer, f float, b boolean, B bytes, t time, tI tU tR with a format, d document), the number
 * of a shape, or [one of these, {attributes}]: l location, n name on the wire, q name in queries, F flattened, A attribute,
 * S streaming, T idempotency token, J JSON in a header, H part of the host, ns and np XML namespace.
 */
#ifndef SFN_AWS_MODEL_H
#define SFN_AWS_MODEL_H

#include "aws/names.h"
#include "json/json_value.h"

typedef enum AwsProtocol
{
	AWS_JSON,
	AWS_REST_JSON,
	AWS_QUERY,
	AWS_EC2,
	AWS_REST_XML,
	AWS_NO_PROTOCOL /* one that is not spoken here */
} AwsProtocol;

typedef struct AwsService
{
	const JsonVal *row;
	const char *prefix;
	const char *endpoint; /* first part of the host */
	const char *signed_as;
	AwsProtocol protocol;
} AwsService;

/* Kinds of types beside the letters of scalars. */
#define AWS_STRUCTURE '{'
#define AWS_LIST '['
#define AWS_MAP '<'

typedef struct AwsType
{
	char kind;                 /* a letter, or one of these */
	char time_format;          /* 'I', 'U', 'R'; 0: the protocol's */
	const JsonVal *shape;      /* of structures, lists, maps, and of limited scalars; else NULL */
	const JsonVal *attributes; /* or NULL */
} AwsType;

typedef struct AwsMember
{
	const char *name;
	AwsType type;
} AwsMember;

/* The row of a model in AWS's published form; NULL: it is none, *problem says why. */
extern const JsonVal *aws_model_read(const JsonVal *model, const char **problem);

/* False: the row is none. */
extern bool aws_service_read(const JsonVal *row, AwsService *service);

/* "getItem" -> GetItem's row, or NULL. */
extern const JsonVal *aws_operation(const AwsService *service, const char *action, const char **name);
extern const char *aws_nearest_action(const AwsService *service, const char *action);

/* The type that a reference stands for; false: it stands for none. */
extern bool aws_type_read(const AwsService *service, const JsonVal *reference, AwsType *type);

extern int aws_member_count(const AwsType *structure);
extern bool aws_member_read(const AwsService *service, const AwsType *structure, int number, AwsMember *member);

/* The member that a definition calls so; false: none. */
extern bool aws_member_find(const AwsService *service, const AwsType *structure, const char *key, AwsMember *member);
extern const char *aws_nearest_member(const AwsService *service, const AwsType *structure, const char *key);

extern const char *aws_attribute(const AwsType *type, const char *name); /* its text, or NULL */
extern bool aws_has_attribute(const AwsType *type, const char *name);

/*
 * Is the result one that the action may have?  Members that the service does not have are let be; those in "any" are JSON of any
 * kind; with is_strict required ones are asked for.  False: *problem is what AWS says of it.
 */
extern bool aws_result_check(const AwsService *service, const JsonVal *operation, const char *any, bool is_strict,
							 const JsonVal *result, const char **problem);

/* The name on the wire. */
extern const char *aws_wire_name(const AwsType *type, const char *otherwise);

#endif /* SFN_AWS_MODEL_H */
