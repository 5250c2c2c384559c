/*
 * machine.h
 *	  A compiled state machine: what asl_compile() makes of a definition.
 *
 * Immutable once compiled, allocated in the context current at compile time and
 * freed with it.  Everything an executor needs for a state hangs below its
 * AslState; a state type's own part begins with an AslState (struct TaskState
 * and so on).
 */
#ifndef SFN_ASL_MACHINE_H
#define SFN_ASL_MACHINE_H

#include "asl/expression.h"

typedef struct StateType StateType; /* asl/state_type.h */
typedef struct AslState AslState;
typedef struct AslScope AslScope;
typedef struct AslMachine AslMachine;

/* InputPath, OutputPath, ResultPath: absent, null, or a path. */
typedef struct PathField
{
	bool is_null;
	JPath *path; /* NULL when absent or null */
} PathField;

/* A number or text that may be given plainly, by a ...Path field, or by a JSONata expression. */
typedef struct ValueField
{
	const char *name;       /* "SecondsPath" or "Seconds": the name used; NULL when absent */
	const JsonVal *literal; /* the plain form, or NULL */
	Expression *expression; /* a path (or intrinsic) or JSONata, or NULL */
} ValueField;

typedef struct AssignField
{
	int count;
	const char **names; /* variable names, in the order of the text */
	Template **values;
} AssignField;

typedef struct ErrorList
{
	int count;
	const char **names;
} ErrorList;

typedef struct Retrier
{
	ErrorList errors;
	int64 interval_seconds;
	int64 max_attempts;
	double backoff_rate;
	int64 max_delay_seconds; /* 0: none */
	bool full_jitter;
} Retrier;

typedef struct Catcher
{
	ErrorList errors;
	AslState *next;
	PathField result_path;
	Template *output; /* JSONata */
	AssignField *assign;
} Catcher;

struct AslState
{
	const StateType *type;
	const char *name;
	const char *pointer; /* JSON pointer into the definition, "/States/X" */
	int32 number;        /* place in machine->states */
	AslScope *scope;     /* where it stands */
	QueryLanguage query_language;
	const char *comment;
	AslState *next; /* NULL: the state ends its scope (or a Choice, which has its own) */

	PathField input_path;
	PathField output_path;
	PathField result_path;
	Template *parameters; /* Parameters, Arguments, a Map's ItemSelector */
	Template *result_selector;
	Template *output; /* JSONata */
	AssignField *assign;

	int retrier_count;
	Retrier *retriers;
	int catcher_count;
	Catcher *catchers;
};

/* One StartAt with its States: the top level, a Parallel's branch, a Map's item processor. */
struct AslScope
{
	AslState *start;
	AslState *owner; /* the Parallel or Map state around it; NULL at the top */
	int index;       /* branch number below a Parallel, else 0 */
	int state_count;
	AslState **states; /* in the order of the text */
};

struct AslMachine
{
	AslScope top;
	const char *comment;
	const char *version;
	QueryLanguage query_language;
	bool is_express;
	int64 timeout_seconds; /* 0: none */
	int state_count;
	AslState **states;   /* all, nested ones included */
	bool uses_context;   /* some expression can reach the context object */
	bool uses_variables; /* assigns or reads some, or has a part in JSONata */
	const JsonVal *
		variable_references; /* state -> names of the variables it reads, as DescribeStateMachine shows them; NULL: none */
};

/* The state of that name anywhere in the machine, or NULL.  Branches beside each other may share names: see scope_state. */
extern AslState *machine_state(const AslMachine *machine, const char *name);
/* The state of that name in one scope of the machine, or NULL. */
extern AslState *scope_state(const AslMachine *machine, const AslScope *scope, const char *name);

/* ---- the parts of each state type ---- */
typedef struct PassState
{
	AslState base;
	const JsonVal *result; /* Result, or NULL */
} PassState;

typedef enum ResourceKind
{
	RESOURCE_FUNCTION, /* arn:aws:lambda:...:function:NAME: LambdaFunction... events */
	RESOURCE_ACTIVITY, /* arn:aws:states:...:activity:NAME: Activity... events */
	RESOURCE_SERVICE,  /* arn:aws:states:::service:action: Task... events */
	RESOURCE_AWS_SDK,  /* arn:aws:states:::aws-sdk:service:action */
	RESOURCE_SQL,      /* sql:schema.function */
	RESOURCE_HTTP      /* https://... */
} ResourceKind;

typedef enum ResourcePattern
{
	PATTERN_REQUEST_RESPONSE,
	PATTERN_SYNC, /* .sync, .sync:2 */
	PATTERN_WAIT_FOR_TASK_TOKEN
} ResourcePattern;

typedef struct AslResource
{
	const char *text; /* as written */
	ResourceKind kind;
	ResourcePattern pattern;
	int sync_version;             /* 1 or 2 with PATTERN_SYNC */
	const char *service;          /* history's resourceType: "lambda", "states", "aws-sdk:s3", "sql", "http" */
	const char *action;           /* history's resource: "invoke", "startExecution.sync:2", the SQL function's name */
	const char *name;             /* function name without qualifier, activity name, SQL function; else NULL */
	const struct ServiceRow *row; /* asl/service_list.h; NULL: there is no such thing */
} AslResource;

typedef struct TaskState
{
	AslState base;
	AslResource resource;
	ValueField timeout; /* TimeoutSeconds, TimeoutSecondsPath */
	ValueField heartbeat;
	Template *credentials;
} TaskState;

/* ChoiceRule's operators are in asl/choice_rule.h. */
typedef struct ChoiceRule ChoiceRule;
typedef struct ChoiceBranch
{
	ChoiceRule *rule;     /* JSONPath */
	ValueField condition; /* JSONata */
	AslState *next;
	AssignField *assign;
	Template *output; /* JSONata */
} ChoiceBranch;

typedef struct ChoiceState
{
	AslState base;
	int branch_count;
	ChoiceBranch *branches;
	AslState *default_next; /* or NULL */
} ChoiceState;

typedef struct WaitState
{
	AslState base;
	ValueField seconds;   /* Seconds or SecondsPath */
	ValueField timestamp; /* Timestamp or TimestampPath; exactly one of the two is there */
} WaitState;

typedef struct SucceedState
{
	AslState base;
} SucceedState;

typedef struct FailState
{
	AslState base;
	ValueField error;
	ValueField cause;
} FailState;

typedef struct ParallelState
{
	AslState base;
	int branch_count;
	AslScope **branches;
} ParallelState;

typedef struct MapState
{
	AslState base;
	AslScope *processor;
	bool is_distributed;
	bool express_children; /* ProcessorConfig.ExecutionType */
	bool has_legacy_iterator;
	ValueField items;         /* ItemsPath, or Items (JSONata) */
	Template *items_template; /* Items as an array in which something is computed; else NULL */
	bool items_are_stored;    /* each evaluation may give others ($random, $now): they are kept with the branch */
	Template *item_selector;  /* ItemSelector, or Parameters under its old meaning */
	ValueField max_concurrency;
	ValueField tolerated_failure_count;
	ValueField tolerated_failure_percentage;
	const char *label;                   /* Label, or NULL */
	const JsonVal *processor_definition; /* the definition's ItemProcessor, of which child executions are made */
	const JsonVal *item_reader;          /* the definition's object, checked; read by its service */
	const JsonVal *item_batcher;
	const JsonVal *result_writer;
	ValueField max_items; /* ReaderConfig's MaxItems */
	ValueField max_items_per_batch;
	ValueField max_bytes_per_batch;
	Template *item_reader_parameters;
	Template *batch_input;
	Template *result_writer_parameters;
} MapState;

#endif /* SFN_ASL_MACHINE_H */
