/*
 * own_s3.c
 *	  aws-sdk:s3 on the buckets of sfn.create_bucket(): the same objects as ItemReader and ResultWriter have.
 *
 * What is written or deleted is so at once, whatever becomes of the turn; when the turn is done again, so is this, which
 * changes nothing.  Parameters that would have no effect here are refused, beside those that only say how an object is to be
 * shown.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "aws/url_encoding.h"
#include "aws/xml.h"
#include "base/error.h"
#include "base/hashes.h"
#include "services/aws/own_services.h"
#include "services/http/aws_call.h"
#include "services/objects/objects.h"
#include "settings/guc.h"
#include "settings/random_uuid.h"
#include "store/buckets.h"

#define MAX_KEYS 1000

/* Parameters of any action that change nothing here. */
static const char *const ignored_parameters[] = {"ExpectedBucketOwner", "RequestPayer",       "ChecksumMode",
												 "ContentType",         "ContentEncoding",    "ContentLanguage",
												 "CacheControl",        "ContentDisposition", "ChecksumAlgorithm"};

typedef struct S3Action
{
	const char *name;
	const char *parameters; /* with a comma behind each */
	bool (*answer)(OwnCall *call, SfnError *error);
} S3Action;

bool
own_s3_has(const OwnCall *call)
{
	const char *bucket = own_text(call, "Bucket");

	return bucket != NULL && OidIsValid(bucket_owner(bucket));
}

/* ---- what the answers share ---- */

static bool
fail(OwnCall *call, long status, const char *code, const char *message)
{
	call->status = status;
	resetStringInfo(&call->body);
	appendStringInfo(&call->body, "<Error><Code>%s</Code>", code);
	if (message != NULL)
	{
		appendStringInfoString(&call->body, "<Message>");
		xml_escape(&call->body, message);
		appendStringInfoString(&call->body, "</Message>");
	}
	appendStringInfoString(&call->body, "</Error>");
	return true;
}

/* A failure of the objects, as S3 answers it; with_message: not to HEAD. */
static bool
fail_by_objects(OwnCall *call, const SfnError *problem, bool with_message, SfnError *error)
{
	long status = 500;
	const char *code = object_failure_code(problem, &status);

	if (code != NULL)
		return fail(call, status, code,
					with_message ? pnstrdup(problem->cause, strstr(problem->cause, " (Service: ") - problem->cause)
								 : NULL);
	if (problem->name == ERROR_ITEM_READER_FAILED || problem->name == ERROR_RESULT_WRITER_FAILED)
		return fail(call, status, "InternalError", problem->cause);
	*error = *problem;
	return false;
}

static void
add_element(StringInfo out, const char *name, const char *text)
{
	appendStringInfo(out, "<%s>", name);
	xml_escape(out, text);
	appendStringInfo(out, "</%s>", name);
}

/* ---- one object ---- */

static bool
append_data(void *arg, const char *data, Size length, SfnError *error)
{
	StringInfo body = arg;

	if ((Size) body->len + length > (Size) sfn_max_payload_size)
		return aws_answer_too_large(error);
	appendBinaryStringInfo(body, data, (int) length);
	return true;
}

static bool
describe(OwnCall *call, SfnError *problem)
{
	const char *headers;

	if (!object_describe(own_text(call, "Bucket"), own_text(call, "Key"), own_text(call, "VersionId"), call->call->role,
						 &headers, problem))
		return false;
	appendStringInfoString(&call->headers, headers);
	return true;
}

static bool
get_object(OwnCall *call, SfnError *error)
{
	SfnError problem = {0};

	if (describe(call, &problem) &&
		object_get(own_text(call, "Bucket"), own_text(call, "Key"), own_text(call, "VersionId"), call->call->role,
				   append_data, &call->body, &problem))
		return true;
	return fail_by_objects(call, &problem, true, error);
}

static bool
head_object(OwnCall *call, SfnError *error)
{
	SfnError problem = {0};

	return describe(call, &problem) || fail_by_objects(call, &problem, false, error);
}

static bool
put_object(OwnCall *call, SfnError *error)
{
	const AwsRequest *request = &call->request;
	SfnError problem = {0};
	ObjectWriter *writer =
		object_put_begin(own_text(call, "Bucket"), own_text(call, "Key"), call->call->role, &problem);

	if (writer == NULL || !object_put_write(writer, request->body, request->body_length, &problem) ||
		object_put_end(writer, &problem) < 0)
		return fail_by_objects(call, &problem, true, error);
	appendStringInfo(&call->headers, "ETag: \"%s\"\r\n", hash_hex("MD5", request->body, request->body_length));
	for (int i = 0; i < request->header_count; i++)
	{
		if (pg_strncasecmp(request->headers[i], "x-amz-checksum-crc32:", 21) == 0)
			appendStringInfo(&call->headers, "%s\r\nx-amz-checksum-type: FULL_OBJECT\r\n", request->headers[i]);
	}
	return true;
}

static bool
delete_object(OwnCall *call, SfnError *error)
{
	SfnError problem = {0};
	long status;
	const char *code;

	if (own_text(call, "VersionId") != NULL)
		return fail(call, 501, "NotImplemented", "A version of an object is not deleted here.");
	call->status = 204;
	if (object_delete(own_text(call, "Bucket"), own_text(call, "Key"), call->call->role, &problem))
		return true;
	code = object_failure_code(&problem, &status);
	return (code != NULL && strcmp(code, "NoSuchKey") == 0) || fail_by_objects(call, &problem, true, error);
}

/* ---- copying ---- */

static bool
write_data(void *arg, const char *data, Size length, SfnError *error)
{
	return object_put_write(arg, data, length, error);
}

/* "bucket/key?versionId=...", with or without a slash before it, its key encoded. */
static bool
copy_source(const char *source, const char **bucket, const char **key, const char **version)
{
	const char *start = source + (source[0] == '/');
	const char *slash = strchr(start, '/');
	const char *question = slash != NULL ? strstr(slash, "?versionId=") : NULL;

	if (slash == NULL)
		return false;
	*bucket = pnstrdup(start, slash - start);
	*key = url_decode(slash + 1, question != NULL ? (int) (question - slash - 1) : (int) strlen(slash + 1));
	*version = question != NULL ? question + strlen("?versionId=") : NULL;
	return *key != NULL;
}

static bool
copy_object(OwnCall *call, SfnError *error)
{
	const char *source = own_text(call, "CopySource");
	const char *bucket;
	const char *key;
	const char *version;
	SfnError problem = {0};
	ObjectWriter *writer;
	const char *headers;

	if (source == NULL || !copy_source(source, &bucket, &key, &version))
		return fail(call, 400, "InvalidArgument",
					"Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
	writer = object_put_begin(own_text(call, "Bucket"), own_text(call, "Key"), call->call->role, &problem);
	if (writer == NULL || !object_get(bucket, key, version, call->call->role, write_data, writer, &problem) ||
		object_put_end(writer, &problem) < 0 ||
		!object_describe(own_text(call, "Bucket"), own_text(call, "Key"), NULL, call->call->role, &headers, &problem))
		return fail_by_objects(call, &problem, true, error);
	appendStringInfoString(&call->body, "<CopyObjectResult>");
	add_element(&call->body, "ETag", aws_header(headers, "ETag"));
	add_element(&call->body, "LastModified", aws_header(headers, "Last-Modified"));
	appendStringInfoString(&call->body, "</CopyObjectResult>");
	return true;
}

/* ---- several ---- */

static void
delete_one(OwnCall *call, const XmlNode *object)
{
	const char *key = xml_child_text(object, "Key");
	SfnError problem = {0};
	long status;
	const char *code;

	if (object_delete(own_text(call, "Bucket"), key != NULL ? key : "", call->call->role, &problem) ||
		((code = object_failure_code(&problem, &status)) != NULL && strcmp(code, "NoSuchKey") == 0))
	{
		appendStringInfoString(&call->body, "<Deleted>");
		add_element(&call->body, "Key", key != NULL ? key : "");
		appendStringInfoString(&call->body, "</Deleted>");
		return;
	}
	appendStringInfoString(&call->body, "<Error>");
	add_element(&call->body, "Key", key != NULL ? key : "");
	add_element(&call->body, "Code", code != NULL ? code : "InternalError");
	add_element(&call->body, "Message", problem.cause);
	appendStringInfoString(&call->body, "</Error>");
}

static bool
delete_objects(OwnCall *call, SfnError *error)
{
	const XmlNode *root = xml_parse(call->request.body, call->request.body_length);
	int count = 0;

	for (const XmlNode *object = xml_child(root, "Object"); object != NULL; object = xml_next(object))
	{
		if (xml_child_text(object, "VersionId") != NULL)
			return fail(call, 501, "NotImplemented", "A version of an object is not deleted here.");
		count++;
	}
	if (count < 1 || count > MAX_KEYS)
		return fail(call, 400, "MalformedXML",
					"The XML you provided was not well-formed or did not validate against our published schema");
	appendStringInfoString(&call->body, "<DeleteResult>");
	for (const XmlNode *object = xml_child(root, "Object"); object != NULL; object = xml_next(object))
	{
		CHECK_FOR_INTERRUPTS();
		delete_one(call, object);
	}
	appendStringInfoString(&call->body, "</DeleteResult>");
	return true;
}

/* ---- lists ---- */

typedef struct S3List
{
	OwnCall *call;
	const char *prefix;
	const char *delimiter; /* or NULL */
	const char *after;     /* what the list begins behind, "" */
	int64 max_keys;
	int64 count;        /* of keys and common prefixes */
	const char *last;   /* of them */
	const char *common; /* the last common prefix, or NULL */
	bool is_truncated;
	StringInfoData contents;
	StringInfoData prefixes;
} S3List;

/* What the key is shown as where there is a delimiter: all up to it; NULL: the key itself. */
static const char *
common_prefix(const S3List *list, const char *key)
{
	const char *rest = key + strlen(list->prefix);
	const char *end = list->delimiter != NULL ? strstr(rest, list->delimiter) : NULL;

	return end != NULL ? pnstrdup(key, end - key + strlen(list->delimiter)) : NULL;
}

static void
add_object(S3List *list, const JsonVal *object, const char *key)
{
	StringInfoData time;
	TimestampTz moment;

	initStringInfo(&time);
	if (aws_time_read(jv_get(object, "LastModified"), &moment))
		aws_time_print(&time, moment, 'I');
	appendStringInfoString(&list->contents, "<Contents>");
	add_element(&list->contents, "Key", key);
	add_element(&list->contents, "LastModified", time.data);
	add_element(&list->contents, "ETag", jv_get_string(object, "Etag"));
	add_element(&list->contents, "Size", jv_to_text(jv_get(object, "Size")));
	add_element(&list->contents, "StorageClass", jv_get_string(object, "StorageClass"));
	appendStringInfoString(&list->contents, "</Contents>");
	list->last = pstrdup(key);
}

/* An ObjectListSink; false when the page is full. */
static bool
add_to_list(void *arg, const JsonVal *object, SfnError *error)
{
	S3List *list = arg;
	const char *key = jv_get_string(object, "Key");
	const char *common = common_prefix(list, key);

	if (common != NULL &&
		((list->common != NULL && strcmp(list->common, common) == 0) || strcmp(common, list->after) == 0))
		return true;
	if (list->count == list->max_keys)
	{
		list->is_truncated = true;
		return false;
	}
	list->count++;
	if (common == NULL)
	{
		add_object(list, object, key);
		return true;
	}
	list->common = list->last = common;
	appendStringInfoString(&list->prefixes, "<CommonPrefixes>");
	add_element(&list->prefixes, "Prefix", common);
	appendStringInfoString(&list->prefixes, "</CommonPrefixes>");
	return true;
}

/* The token is the last key, base64 so that nobody takes it for one. */
static const char *
list_begin(const OwnCall *call, bool is_newer)
{
	const char *token = is_newer ? own_text(call, "ContinuationToken") : own_text(call, "Marker");
	const char *after = own_text(call, "StartAfter");
	int length;

	if (token == NULL)
		return after != NULL ? after : "";
	return is_newer ? base64_decode(token, (int) strlen(token), &length) : token;
}

static void
print_list(OwnCall *call, const S3List *list, bool is_newer)
{
	StringInfo body = &call->body;

	appendStringInfo(body, "<ListBucketResult><IsTruncated>%s</IsTruncated>", list->is_truncated ? "true" : "false");
	appendStringInfoString(body, list->contents.data);
	add_element(body, "Name", own_text(call, "Bucket"));
	add_element(body, "Prefix", list->prefix);
	if (list->delimiter != NULL)
		add_element(body, "Delimiter", list->delimiter);
	appendStringInfo(body, "<MaxKeys>" INT64_FORMAT "</MaxKeys>%s", list->max_keys, list->prefixes.data);
	if (!is_newer)
		add_element(body, "Marker", list->after);
	if (is_newer)
		appendStringInfo(body, "<KeyCount>" INT64_FORMAT "</KeyCount>", list->count);
	if (list->is_truncated && list->last != NULL)
		add_element(body, is_newer ? "NextContinuationToken" : "NextMarker",
					is_newer ? base64_encode(list->last, (int) strlen(list->last)) : list->last);
	appendStringInfoString(body, "</ListBucketResult>");
}

static bool
list_of(OwnCall *call, bool is_newer, SfnError *error)
{
	const char *prefix = own_text(call, "Prefix");
	const JsonVal *max_keys = own_parameter(call, "MaxKeys");
	S3List list = {.call = call,
				   .prefix = prefix != NULL ? prefix : "",
				   .delimiter = own_text(call, "Delimiter"),
				   .max_keys = MAX_KEYS,
				   .after = list_begin(call, is_newer)};
	SfnError problem = {0};
	int64 wanted;

	if (list.after == NULL)
		return fail(call, 400, "InvalidArgument", "The continuation token provided is incorrect");
	if (max_keys != NULL && jv_to_int64(max_keys, &wanted))
		list.max_keys = Max(0, Min(wanted, MAX_KEYS));
	if (list.delimiter != NULL && list.delimiter[0] == '\0')
		list.delimiter = NULL;
	initStringInfo(&list.contents);
	initStringInfo(&list.prefixes);
	if (!object_list(own_text(call, "Bucket"), list.prefix, list.after, call->call->role, add_to_list, &list,
					 &problem) &&
		problem.name != NULL)
		return fail_by_objects(call, &problem, true, error);
	print_list(call, &list, is_newer);
	return true;
}

static bool
list_objects_v2(OwnCall *call, SfnError *error)
{
	return list_of(call, true, error);
}

static bool
list_objects(OwnCall *call, SfnError *error)
{
	return list_of(call, false, error);
}

static bool
head_bucket(OwnCall *call, SfnError *error)
{
	SfnError problem = {0};

	if (!object_bucket_is_open(own_text(call, "Bucket"), call->call->role, false, &problem))
		return fail_by_objects(call, &problem, false, error);
	appendStringInfo(&call->headers, "x-amz-bucket-region: %s\r\nx-amz-access-point-alias: false\r\n", sfn_region);
	return true;
}

/* ---- the actions ---- */

static const S3Action actions[] = {
	{"getObject", "Bucket,Key,VersionId,", get_object},
	{"headObject", "Bucket,Key,VersionId,", head_object},
	{"putObject", "Bucket,Key,Body,ContentLength,", put_object},
	{"deleteObject", "Bucket,Key,VersionId,", delete_object},
	{"deleteObjects", "Bucket,Delete,", delete_objects},
	{"copyObject", "Bucket,Key,CopySource,", copy_object},
	{"listObjectsV2", "Bucket,Prefix,Delimiter,MaxKeys,ContinuationToken,StartAfter,", list_objects_v2},
	{"listObjects", "Bucket,Prefix,Delimiter,MaxKeys,Marker,", list_objects},
	{"headBucket", "Bucket,", head_bucket},
};

static bool
is_ignored(const char *parameter)
{
	for (int i = 0; i < (int) lengthof(ignored_parameters); i++)
	{
		if (strcmp(ignored_parameters[i], parameter) == 0)
			return true;
	}
	return false;
}

/* Are all parameters ones that mean something here? */
static bool
check_parameters(const OwnCall *call, const S3Action *action, SfnError *error)
{
	AwsMember member;

	for (int i = 0; i < call->parameters->count; i++)
	{
		const char *key = call->parameters->u.members[i].key;

		if (aws_member_find(call->service, &call->input, key, &member) && !is_ignored(member.name) &&
			strstr(psprintf(",%s", action->parameters), psprintf(",%s,", member.name)) == NULL)
			return sfn_error(
				error, ERROR_RUNTIME,
				"The parameter \"%s\" cannot be used with the bucket \"%s\", which is one of sfn.create_bucket().", key,
				own_text(call, "Bucket"));
	}
	return true;
}

bool
own_s3_answer(OwnCall *call, SfnError *error)
{
	appendStringInfo(&call->headers, "x-amz-request-id: %s\r\nx-amz-id-2: %s\r\n", random_uuid(), random_uuid());
	for (int i = 0; i < (int) lengthof(actions); i++)
	{
		if (strcmp(actions[i].name, call->action) == 0)
			return check_parameters(call, &actions[i], error) && actions[i].answer(call, error);
	}
	return sfn_error(error, ERROR_RUNTIME,
					 "The action %s cannot be used with the bucket \"%s\", which is one of sfn.create_bucket().",
					 call->action, own_text(call, "Bucket"));
}
