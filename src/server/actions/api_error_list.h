/*
 * Errors that callers see: API_ERROR(symbol, SQLSTATE, AWS code, AWS message, SQL message, hint).
 *
 * {0}, {1}, ... are the arguments of action_fail().  An SQL caller gets SQLSTATE, SQL message and hint;
 * a caller of sfn.api() gets "<AWS code>: <AWS message>" under the same SQLSTATE.
 * The page docs/reference/errors.md has a line for each.
 */

/* {0} what is wrong, {1} the text given, {2} what it should be the ARN of, {3} such an ARN */
API_ERROR(INVALID_ARN, "SF001", "InvalidArn", "Invalid Arn: '{0}'", "\"{1}\" is not the ARN of {2}",
		  "It looks like this: {3}.")
/* {0} the name, {1} what it names */
API_ERROR(
	INVALID_NAME, "SF002", "InvalidName", "Invalid Name: '{0}'", "invalid name of {1}: \"{0}\"",
	"A name has 1 to 80 characters; blanks, control characters and any of < > {{ }} [ ] ? * \" # % \\ ^ | ~ ` $ & , ; : / are not allowed.")
/* {0} all problems in AWS's words, {1} the machine; the detail lists the problems */
API_ERROR(INVALID_DEFINITION, "SF003", "InvalidDefinition", "Invalid State Machine Definition: '{0}'",
		  "invalid definition of state machine \"{1}\"",
		  "sfn.validate_state_machine_definition() returns the problems as rows.")
/* {0} AWS's words, {1} ours with the position */
API_ERROR(INVALID_EXECUTION_INPUT, "SF004", "InvalidExecutionInput", "Invalid State Machine Execution Input: '{0}'",
		  "execution input is not valid JSON: {1}", "The input is one JSON text; the empty object is {{}}.")
/* {0} what is wrong */
API_ERROR(
	INVALID_LOGGING_CONFIGURATION, "SF005", "InvalidLoggingConfiguration", "Invalid Logging Configuration: {0}",
	"invalid logging configuration: {0}",
	"It looks like this: {{\"level\": \"ALL\", \"includeExecutionData\": true}}; levels are ALL, ERROR, FATAL, OFF.")
API_ERROR(INVALID_TRACING_CONFIGURATION, "SF006", "InvalidTracingConfiguration", "Invalid Tracing Configuration: {0}",
		  "invalid tracing configuration: {0}", "It looks like this: {{\"enabled\": false}}.")
API_ERROR(INVALID_TOKEN, "SF007", "InvalidToken", "Invalid Token: 'Invalid token'", "invalid token",
		  "Pass the token of the page before, with the same arguments.")
/* {0} the value, quoted, or null, {1} the member, {2} the constraint in AWS's words, {3} the same in ours */
API_ERROR(CONSTRAINT, "SF008", "ValidationException",
		  "1 validation error detected: Value {0} at '{1}' failed to satisfy constraint: {2}", "{3}", NULL)
/* {0} the limit, {1} the length; AWS does not repeat so long a value */
API_ERROR(
	INPUT_TOO_LARGE, "SF008", "ValidationException",
	"1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to {0}",
	"execution input is {1} bytes long, but at most {0} are allowed",
	"Pass a key to where the data is, or have sfn.max_payload_size raised.")
/* {0} AWS's words, {1} ours */
API_ERROR(VALIDATION, "SF008", "ValidationException", "{0}", "{1}", NULL)
/* {0} the number */
API_ERROR(TOO_MANY_TAGS, "SF009", "TooManyTags", "Too many tags: {0}",
		  "a state machine or activity has at most 50 tags", "{0} tags would be on it.")

/* {0} the ARN, {1} as the caller named it */
API_ERROR(STATE_MACHINE_DOES_NOT_EXIST, "SF010", "StateMachineDoesNotExist", "State Machine Does Not Exist: '{0}'",
		  "state machine \"{1}\" does not exist", "sfn.list_state_machines() shows those that you may see.")
API_ERROR(STATE_MACHINE_ALREADY_EXISTS, "SF011", "StateMachineAlreadyExists", "State Machine Already Exists: '{0}'",
		  "state machine \"{1}\" already exists with other settings",
		  "Pass replace => true to update it, or use sfn.update_state_machine().")
API_ERROR(STATE_MACHINE_DELETING, "SF012", "StateMachineDeleting", "State Machine Deleting: '{0}'",
		  "state machine \"{1}\" is being deleted", "It is gone when the last of its executions has ended.")
API_ERROR(STATE_MACHINE_TYPE_NOT_SUPPORTED, "SF013", "StateMachineTypeNotSupported",
		  "This operation is not supported by this type of state machine",
		  "state machine \"{1}\" is of type EXPRESS, which this does not support",
		  "The view sfn.executions shows EXPRESS executions, too.")
API_ERROR(STATE_MACHINE_NOT_EXPRESS, "SF013", "StateMachineTypeNotSupported",
		  "This operation is not supported by this type of state machine",
		  "state machine \"{1}\" is of type STANDARD, but only EXPRESS ones run synchronously",
		  "Use sfn.start_execution() and sfn.wait_for_execution(), or CALL sfn.run_execution().")
API_ERROR(EXECUTION_DOES_NOT_EXIST, "SF014", "ExecutionDoesNotExist", "Execution Does Not Exist: '{0}'",
		  "execution \"{0}\" does not exist", "sfn.list_executions() shows the executions of a state machine.")
API_ERROR(
	EXECUTION_ALREADY_EXISTS, "SF015", "ExecutionAlreadyExists", "Execution Already Exists: '{0}'",
	"execution \"{0}\" already exists",
	"A name starts the same execution again only while that runs and with the same input; choose another name or none.")
/* {0} AWS's words, {1} ours */
API_ERROR(MISSING_REQUIRED_PARAMETER, "SF016", "MissingRequiredParameter", "{0}", "{1}", NULL)
/* {0} AWS's words, {1} ours, {2} the hint or empty */
API_ERROR(CONFLICT, "SF040", "ConflictException", "{0}", "{1}", "{2}")
API_ERROR(SERVICE_QUOTA_EXCEEDED, "SF041", "ServiceQuotaExceededException", "{0}", "{1}", "{2}")
/* {0} what, {1} the use, {2} the quota, {3} the role */
API_ERROR(EXECUTION_LIMIT_EXCEEDED, "SF042", "ExecutionLimitExceeded",
		  "Quota on {0} of role {3} exceeded: {1} in use, {2} allowed",
		  "quota on {0} of role \"{3}\" exceeded: {1} in use, {2} allowed",
		  "Executions must end first, or an administrator raises it with sfn.set_quota().")
/* {0} what, {1} the quota, {2} the role */
API_ERROR(RATE_EXCEEDED, "53400", "ThrottlingException", "Quota on {0} of role {2} exceeded: {1} allowed",
		  "quota on {0} of role \"{2}\" exceeded: {1} allowed",
		  "Try it again later; an administrator raises the quota with sfn.set_quota().")
/* {0} the ARN */
API_ERROR(RESOURCE_NOT_FOUND, "SF017", "ResourceNotFound", "Resource not found: '{0}'",
		  "resource \"{0}\" does not exist", NULL)
/* {0} the ARN */
API_ERROR(ALIAS_NOT_FOUND, "SF017", "ResourceNotFound", "Request references a resource that does not exist.",
		  "resource \"{0}\" does not exist", NULL)

/* {0} the ARN */
API_ERROR(MAP_RUN_COMPLETED, "SF008", "ValidationException", "Map Run is complete and cannot be updated: '{0}'",
		  "map run \"{0}\" has ended", "Only limits of a map run that is RUNNING can be changed.")

/* {0} what is wrong */
API_ERROR(INVALID_ENCRYPTION_CONFIGURATION, "SF018", "InvalidEncryptionConfiguration",
		  "Invalid Encryption Configuration: {0}", "invalid encryption configuration: {0}", NULL)

/* {0} the action, {1} the nearest one with a question around it, or empty */
API_ERROR(UNKNOWN_OPERATION, "SF020", "UnknownOperationException", "Unknown action '{0}'.{1}", "unknown action \"{0}\"",
		  NULL)
/* {0} AWS's words */
API_ERROR(SERIALIZATION, "SF021", "SerializationException", "{0}", "{0}", NULL)
/* {0} ARN of the role, {1} action, {2} ARN of the resource, {3} role, {4} "state machine \"x\"", {5} role of the machine */
API_ERROR(ACCESS_DENIED, "42501", "AccessDeniedException",
		  "User: {0} is not authorized to perform: states:{1} on resource: {2}", "permission denied for {4}",
		  "Members of role \"{5}\" may use it.")

/* {0} ARN of the role, {1} action, {2} ARN of the machine, {3} machine, {4} privilege, {5} role of the machine, {6} machine and {7} role as literals */
API_ERROR(
	PRIVILEGE_MISSING, "42501", "AccessDeniedException",
	"User: {0} is not authorized to perform: states:{1} on resource: {2}",
	"permission denied for state machine \"{3}\"",
	"Privilege \"{4}\" is missing. Members of role \"{5}\" give it: SELECT sfn.grant_state_machine({6}, {7}, '{4}');")

/* {0} the machine, {1} its role, {2} the caller's or the one given, as literal, {3} the machine as literal; the detail names its creator */
API_ERROR(STATE_MACHINE_OF_ANOTHER, "42501", "AccessDeniedException", "state machine \"{0}\" belongs to role \"{1}\"",
		  "state machine \"{0}\" belongs to role \"{1}\"",
		  "SELECT * FROM sfn.update_state_machine({3}, role => {2}) gives it to that role; grants on it end.")

/* {0} what is denied, {1} the hint or empty */
API_ERROR(PERMISSION_DENIED, "42501", "AccessDeniedException", "{0}", "{0}", "{1}")
/* {0} the role; the detail says why */
API_ERROR(NOT_MEMBER_OF_ROLE, "42501", "AccessDeniedException", "must be member of role \"{0}\"",
		  "must be member of role \"{0}\"", NULL)
/* {0} the ARN */
API_ERROR(EXECUTION_NOT_QUARANTINED, "55000", "ValidationException", "execution \"{0}\" is not quarantined",
		  "execution \"{0}\" is not quarantined", "The column quarantined_at of sfn.executions shows which are.")
/* {0} the ARN, {1} why, {2} the hint */
API_ERROR(EXECUTION_NOT_DELETABLE, "55006", "ValidationException", "execution \"{0}\" cannot be deleted: {1}",
		  "execution \"{0}\" cannot be deleted: {1}", "{2}")
/* {0} how many may be given at once, {1} how many were */
API_ERROR(LIST_TOO_LONG, "54000", "ValidationException", "at most {0} may be given at once, not {1}",
		  "at most {0} may be given at once, not {1}", "Give them in several calls.")
/* {0} what is wrong, {1} the hint or empty */
API_ERROR(INVALID_CONNECTION, "22023", "ValidationException", "invalid connection: {0}", "invalid connection: {0}",
		  "{1}")
/* {0} what is wrong */
API_ERROR(INVALID_SERVICE, "22023", "ValidationException", "invalid service: {0}", "invalid service: {0}", NULL)
API_ERROR(INVALID_BUCKET, "22023", "ValidationException", "invalid bucket: {0}", "invalid bucket: {0}", "{1}")
/* {0} the name */
API_ERROR(CONNECTION_ALREADY_EXISTS, "42710", "ResourceAlreadyExistsException", "connection \"{0}\" already exists",
		  "connection \"{0}\" already exists", "Pass replace => true to change it.")
API_ERROR(CONNECTION_DOES_NOT_EXIST, "42704", "ResourceNotFoundException", "connection \"{0}\" does not exist",
		  "connection \"{0}\" does not exist", "The view sfn.connections shows those that you may use.")
API_ERROR(ACCESS_KEY_ALREADY_EXISTS, "42710", "EntityAlreadyExistsException", "access key \"{0}\" already exists",
		  "access key \"{0}\" already exists", "Delete it first, or leave the id out.")
API_ERROR(ACCESS_KEY_DOES_NOT_EXIST, "42704", "NoSuchEntityException", "access key \"{0}\" does not exist",
		  "access key \"{0}\" does not exist", "The view sfn.access_keys shows those of your roles.")
API_ERROR(MAPPED_ROLE_DOES_NOT_EXIST, "42704", "NoSuchEntityException", "the roleArn \"{0}\" means no role",
		  "the roleArn \"{0}\" means no role", "The view sfn.mapped_roles lists those that mean your roles.")
API_ERROR(LINK_DOES_NOT_EXIST, "42704", "NoSuchEntityException", "there is no such link", "link \"{0}\" does not exist",
		  "The view sfn.links shows those of your roles.")
/* {0} used, expired or over */
API_ERROR(LINK_IS_OVER, "55000", "LinkIsOver", "the link is {0}", "the link is {0}", NULL)
API_ERROR(BUCKET_DOES_NOT_EXIST, "42704", "NoSuchBucket", "bucket \"{0}\" does not exist",
		  "bucket \"{0}\" does not exist", "The view sfn.buckets shows those that there are.")
/* {0} as the caller named it */
API_ERROR(QUEUE_DOES_NOT_EXIST, "42704", "QueueDoesNotExist", "The specified queue does not exist.",
		  "queue \"{0}\" does not exist", "The view sfn.queues shows those that you may use.")
API_ERROR(TOPIC_DOES_NOT_EXIST, "42704", "NotFound", "Topic does not exist", "topic \"{0}\" does not exist",
		  "The view sfn.topics shows those that you may use.")
API_ERROR(SUBSCRIPTION_DOES_NOT_EXIST, "42704", "NotFound", "Subscription does not exist",
		  "subscription \"{0}\" does not exist", "The view sfn.subscriptions shows yours, and those to your topics.")
API_ERROR(QUEUE_TRIGGER_DOES_NOT_EXIST, "42704", "ResourceNotFoundException", "The queue {0} has no trigger.",
		  "queue \"{0}\" has no trigger", "The view sfn.queue_triggers shows those that there are.")
API_ERROR(QUEUE_SOURCE_DOES_NOT_EXIST, "42704", "ResourceNotFoundException", "{0}", "{0}",
		  "The view sfn.queue_sources shows those that there are.")
API_ERROR(EMPTY_MESSAGE, "22023", "MissingParameter", "The request must contain the parameter MessageBody.",
		  "a message must not be empty", NULL)
API_ERROR(MESSAGE_GROUP_IS_MISSING, "22023", "MissingParameter",
		  "The request must contain the parameter MessageGroupId.",
		  "a message of a FIFO queue must have a message group", NULL)
/* the text says which */
API_ERROR(PARAMETER_VALUE_IS_INVALID, "22023", "ParameterValueInvalid", "{0}", "{0}", NULL)
/* {0} SQS's name of it, {1} ours */
API_ERROR(UNKNOWN_QUEUE_ATTRIBUTE, "22023", "InvalidAttributeName", "Unknown Attribute {0}.",
		  "a queue that is no FIFO queue has no {1}", "The name of a FIFO queue ends with \".fifo\".")
API_ERROR(INVALID_QUEUE_ATTRIBUTE, "22023", "InvalidAttributeValue", "Invalid value for the parameter {0}.",
		  "invalid value of attribute \"{0}\"", NULL)
/* {0} the handle */
API_ERROR(RECEIPT_HANDLE_IS_INVALID, "22023", "ReceiptHandleIsInvalid",
		  "The input receipt handle \"{0}\" is not a valid receipt handle.", "\"{0}\" is not a receipt handle",
		  "sfn.receive_message() returns one with each message.")
API_ERROR(MESSAGE_NOT_IN_FLIGHT, "22023", "MessageNotInflight", "The message referred to isn't in flight.",
		  "the message is gone, or somebody has received it since", NULL)
/* of several messages in one request; {0} which entry, {1} of what, or how many */
API_ERROR(EMPTY_BATCH, "22023", "EmptyBatchRequest", "There should be at least one {0} in the request.",
		  "a batch must not be empty", NULL)
API_ERROR(BATCH_HAS_TOO_MANY, "22023", "TooManyEntriesInBatchRequest",
		  "Maximum number of entries per request are 10. You have sent {0}.", "a batch has {0} entries, of at most 10",
		  NULL)
API_ERROR(BATCH_IDS_NOT_DISTINCT, "22023", "BatchEntryIdsNotDistinct", "Id {0} repeated.",
		  "a batch has two entries \"{0}\"", NULL)
API_ERROR(
	BATCH_ID_IS_INVALID, "22023", "InvalidBatchEntryId",
	"A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters "
	"long.",
	"\"{0}\" is no id of a batch's entry", NULL)
API_ERROR(BATCH_IS_TOO_LONG, "22023", "BatchRequestTooLong",
		  "Batch requests cannot be longer than {1} bytes. You have sent {0} bytes.",
		  "the messages of a batch are {0} bytes long, of at most {1}", NULL)
API_ERROR(
	INVALID_MESSAGE_CONTENTS, "22023", "InvalidMessageContents",
	"Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | "
	"#x10000 to #x10FFFF",
	"a message must not contain control characters", NULL)
/* the detail says what is wrong */
API_ERROR(INVALID_FUNCTION_URL, "22023", "ValidationException", "invalid URL of a function",
		  "invalid URL of a function", NULL)
/* {0} its OID */
API_ERROR(UNDEFINED_FUNCTION, "42883", "ResourceNotFoundException", "function with OID {0} does not exist",
		  "function with OID {0} does not exist", NULL)

/* {0} why, {1} what to do */
API_ERROR(CANNOT_WAIT, "SF030", "ValidationException", "{0}", "{0}", "{1}")
/* {0} name */
API_ERROR(FUNCTION_DOES_NOT_EXIST, "SF031", "ResourceNotFound", "Function not found: {0}",
		  "function \"{0}\" is not registered", "sfn.create_function() registers it.")
/* {0} signature, {1} what is wrong */
API_ERROR(INVALID_FUNCTION, "SF032", "ValidationException", "{1}",
		  "function {0} cannot be called by a state machine: {1}", "It takes one parameter of type jsonb or json.")
API_ERROR(INVALID_TRIGGER, "SF033", "ValidationException", "{0}", "{0}", "{1}")
/* {0} the machine, {1} the error's name, {2} its cause; only the SQL function raises what AWS answers */
API_ERROR(EXECUTION_FAILED, "SF036", "ExecutionFailed", "{1}: {2}", "execution of state machine \"{0}\" failed: {1}",
		  NULL)
API_ERROR(EXECUTION_TIMED_OUT, "SF037", "ExecutionTimedOut", "{1}: {2}", "execution of state machine \"{0}\" timed out",
		  "TimeoutSeconds of the definition, but at most five minutes, is what an EXPRESS execution may take.")
/* {0} the path's problem */
/* {0} AWS's words: a state that can be tested only with a mock */
API_ERROR(STATE_NOT_TESTABLE, "SF003", "InvalidDefinition", "{0}", "{0}", "Pass a mock.")
API_ERROR(INVALID_PATH, "SF034", "InvalidPath", "{0}", "{0}", NULL)
API_ERROR(PATH_NOT_FOUND, "SF035", "States.Runtime", "{0}", "{0}", NULL)

/* Tasks and activities. */
API_ERROR(INVALID_TASK_TOKEN, "SF060", "InvalidToken", "Invalid Token: 'Invalid token'", "invalid task token",
		  "No task of this database ever had it.")
API_ERROR(TASK_TIMED_OUT, "SF061", "TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'",
		  "the task does not wait for an answer any more",
		  "It was answered, has timed out, was retried under another token, or its execution has ended.")
/* {0} our words with the position */
API_ERROR(INVALID_OUTPUT, "SF062", "InvalidOutput", "Invalid Output: '{0}'", "task output is not valid JSON: {0}",
		  "The output is one JSON text; a string stands in double quotes.")
/* {0} the limit, {1} the length */
API_ERROR(
	OUTPUT_TOO_LARGE, "SF008", "ValidationException",
	"1 validation error detected: Value at 'output' failed to satisfy constraint: Member must have length less than or equal to {0}",
	"task output is {1} bytes long, but at most {0} are allowed",
	"Pass a key to where the data is, or have sfn.max_payload_size raised.")
/* {0} the ARN, {1} as the caller named it */
API_ERROR(ACTIVITY_DOES_NOT_EXIST, "SF063", "ActivityDoesNotExist", "Activity Does Not Exist: '{0}'",
		  "activity \"{1}\" does not exist", "sfn.list_activities() shows those that you may use.")
/* {0} the ARN, {1} why */
API_ERROR(EXECUTION_NOT_REDRIVABLE, "SF064", "ExecutionNotRedrivable", "Execution Not Redrivable: '{0}': {1}",
		  "execution \"{0}\" cannot be redriven: {1}", NULL)

/* {0} AWS's words with the place, {1} without it, {2} the hint or empty */
API_ERROR(INVALID_EVENT_PATTERN, "SF070", "InvalidEventPatternException", "Event pattern is not valid. Reason: {0}",
		  "event pattern is not valid: {1}", "{2}")
/* {0} what */
API_ERROR(EVENT_LIMIT_EXCEEDED, "SF072", "LimitExceededException",
		  "The requested resource exceeds the maximum number allowed.", "{0}",
		  "Several rules may tell one target; sfn.max_rules_per_role is how many a role may have.")
/* {0} the expression, {1} what is wrong, {2} the hint or empty */
API_ERROR(INVALID_SCHEDULE, "SF071", "ValidationException", "Invalid Schedule Expression {0}.",
		  "invalid schedule expression: {1}", "{2}")
/* {0} the zone */
API_ERROR(INVALID_TIME_ZONE, "22023", "ValidationException", "Invalid Schedule Expression Timezone {0}.",
		  "time zone \"{0}\" does not exist", "SELECT name FROM pg_timezone_names shows those that do.")

/* Rules and buses. */
/* {0} the bus */
API_ERROR(EVENT_BUS_DOES_NOT_EXIST, "42704", "ResourceNotFoundException", "Event bus {0} does not exist.",
		  "event bus \"{0}\" does not exist", "The view sfn.event_buses shows those that there are.")
API_ERROR(EVENT_BUS_ALREADY_EXISTS, "42710", "ResourceAlreadyExistsException", "Event bus {0} already exists.",
		  "event bus \"{0}\" already exists", NULL)
API_ERROR(POLICY_TOO_LONG, "22023", "PolicyLengthExceededException",
		  "The event bus policy is too long. For more information, see the limits.",
		  "the policy of the event bus is longer than 10,240 bytes", NULL)
API_ERROR(BUS_HAS_NO_POLICY, "42704", "ResourceNotFoundException", "EventBus does not have a policy.",
		  "the event bus has no policy", NULL)
/* {0} the statement */
API_ERROR(BUS_STATEMENT_DOES_NOT_EXIST, "42704", "ResourceNotFoundException",
		  "Statement with the provided id does not exist.", "the policy of the event bus has no statement \"{0}\"",
		  NULL)
/* {0} the rule, {1} the bus */
API_ERROR(RULE_DOES_NOT_EXIST, "42704", "ResourceNotFoundException", "Rule {0} does not exist on EventBus {1}.",
		  "rule \"{0}\" does not exist on event bus \"{1}\"",
		  "The view sfn.event_rules shows yours; a rule of another bus than the default one is called \"bus/rule\".")
API_ERROR(RULE_ALREADY_EXISTS, "42710", "ResourceAlreadyExistsException", "Rule {0} already exists.",
		  "rule \"{0}\" already exists", "Pass replace => true to change it.")
/* {0} the target */
API_ERROR(
	INVALID_EVENT_TARGET, "22023", "ValidationException",
	"Parameter {0} is not valid. Reason: Provided Arn is not in correct format.",
	"\"{0}\" cannot be the target of a rule",
	"A target is a state machine, sql:schema.function, the ARN of a function, queue, topic or event bus, https://..., or notify:channel.")
/* {0} its ARN */
API_ERROR(
	INVALID_DEAD_LETTER_QUEUE, "22023", "ValidationException",
	"Parameter {0} is not valid. Reason: The dead-letter queue must be a standard queue of this account and region.",
	"\"{0}\" cannot be the queue of dead letters",
	"DeadLetterConfig names a queue of sfn.create_queue(), no FIFO queue, by the ARN that the view sfn.queues shows.")
/* {0} the target, {1} the rule */
API_ERROR(EVENT_TARGET_DOES_NOT_EXIST, "42704", "ResourceNotFoundException", "Target {0} does not exist.",
		  "rule \"{1}\" has no target \"{0}\"", "The view sfn.event_targets shows those that there are.")
/* {0} its number */
API_ERROR(DEAD_LETTER_DOES_NOT_EXIST, "42704", "ResourceNotFoundException", "Dead letter {0} does not exist.",
		  "there is no dead letter {0} that can be delivered again",
		  "The view sfn.event_dead_letters shows those of your rules; rule and target must be there still.")
API_ERROR(MALFORMED_DETAIL, "22023", "MalformedDetail", "Detail is malformed.", "detail must be a JSON object", NULL)
/* {0} the member */
API_ERROR(INVALID_EVENT_ENTRY, "22023", "InvalidArgument",
		  "Parameter {0} is not valid. Reason: {0} is a required argument.", "{0} of an event must be given", NULL)
/* {0} the source */
API_ERROR(
	EVENT_SOURCE_RESERVED, "42501", "NotAuthorizedForSourceException", "Not authorized for the source {0}.",
	"permission denied for events of source \"{0}\"",
	"Sources that begin with \"aws.\" or \"sfn.\", and \"sfn\", are for the engine, and for roles with the privilege put_aws on the bus.")
/* {0} the archive */
API_ERROR(ARCHIVE_DOES_NOT_EXIST, "42704", "ResourceNotFoundException", "Archive {0} does not exist.",
		  "archive \"{0}\" does not exist", "The view sfn.event_archives shows yours.")
API_ERROR(ARCHIVE_ALREADY_EXISTS, "42710", "ResourceAlreadyExistsException", "Archive {0} already exists.",
		  "archive \"{0}\" already exists", "sfn.update_archive() changes it.")
/* {0} the replay */
API_ERROR(REPLAY_DOES_NOT_EXIST, "42704", "ResourceNotFoundException", "Replay {0} does not exist.",
		  "replay \"{0}\" does not exist", "The view sfn.event_replays shows those of your archives.")
API_ERROR(REPLAY_ALREADY_EXISTS, "42710", "ResourceAlreadyExistsException", "Replay {0} already exists.",
		  "replay \"{0}\" already exists", "Each replay has a name of its own, for 90 days.")
API_ERROR(REPLAY_HAS_ENDED, "55000", "IllegalStatusException", "Replay {0} is not in a valid state for this operation.",
		  "replay \"{0}\" has ended", NULL)
/* {0} what is missing, {1} what to do */
API_ERROR(PG_CRON_MISSING, "55000", "ValidationException", "{0}", "{0}", "{1}")
/* {0} the group */
API_ERROR(SCHEDULE_GROUP_DOES_NOT_EXIST, "42704", "ResourceNotFoundException", "Schedule group {0} does not exist.",
		  "schedule group \"{0}\" does not exist", "sfn.create_schedule_group() makes it.")
API_ERROR(SCHEDULE_GROUP_ALREADY_EXISTS, "42710", "ConflictException", "Schedule group {0} already exists.",
		  "schedule group \"{0}\" already exists", NULL)
/* {0} the schedule, {1} its group */
API_ERROR(SCHEDULE_DOES_NOT_EXIST, "42704", "ResourceNotFoundException", "Schedule {0} does not exist.",
		  "schedule \"{0}\" does not exist in group \"{1}\"", "The view sfn.schedules shows yours.")
API_ERROR(SCHEDULE_ALREADY_EXISTS, "42710", "ConflictException", "Schedule {0} already exists.",
		  "schedule \"{0}\" already exists", "Pass replace => true to make it anew.")
