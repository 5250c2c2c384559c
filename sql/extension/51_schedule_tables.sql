-- Schedules and their groups.  The group "default" is always there and has no row.

CREATE TABLE sfn.schedule_group (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text COLLATE "C" NOT NULL UNIQUE,
	owner sfn.role NOT NULL,
	creation_date timestamptz NOT NULL
);
COMMENT ON TABLE sfn.schedule_group IS 'groups of schedules beside the default one';

CREATE TABLE sfn.schedule_group_tag (
	group_id bigint NOT NULL,
	key text COLLATE "C" NOT NULL,
	value text NOT NULL,
	PRIMARY KEY (group_id, key)
);
COMMENT ON TABLE sfn.schedule_group_tag IS 'tags of groups of schedules';

CREATE TABLE sfn.schedule (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	group_name text COLLATE "C" NOT NULL,
	name text COLLATE "C" NOT NULL,
	owner sfn.role NOT NULL,
	role sfn.role NOT NULL,						-- its target is told in the name of
	expression text NOT NULL,
	timezone text NOT NULL,
	start_date timestamptz,
	end_date timestamptz,
	flexible interval,
	target text NOT NULL,
	input json,									-- null: the event "Scheduled Event", as on AWS
	retry json,
	aws_members json,							-- others that AWS's CreateSchedule was given for the target: parameters of its kind; else shown, no more
	catch_up text NOT NULL CHECK (catch_up IN ('none', 'last', 'all')),
	deletes_itself boolean NOT NULL,			-- when nothing is due any more
	is_enabled boolean NOT NULL,
	disabled_reason text,						-- when it was not its owner
	rule_id bigint,								-- the clock of that rule, whose targets are told; null: a schedule
	machine_id bigint,							-- the hidden state machine that delivers what may fail; null: a rule's targets have theirs, a channel needs none
	due timestamptz,							-- the next moment of the expression; null: there is none
	next_due timestamptz,						-- when that is done: later in a flexible window
	last_due timestamptz,
	runs bigint NOT NULL DEFAULT 0,
	missed bigint NOT NULL DEFAULT 0,
	description text,
	client_token text,							-- of the call of AWS's that made it
	creation_date timestamptz NOT NULL,
	last_modification_date timestamptz NOT NULL,
	UNIQUE (group_name, name),
	CHECK (rule_id IS NULL OR machine_id IS NULL)
);
COMMENT ON TABLE sfn.schedule IS 'what is started, called or told at which times';
CREATE INDEX schedule_due ON sfn.schedule (next_due) WHERE is_enabled;
CREATE UNIQUE INDEX schedule_rule ON sfn.schedule (rule_id) WHERE rule_id IS NOT NULL;

SELECT pg_catalog.pg_extension_config_dump('sfn.schedule_group', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.schedule_group_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.schedule_group_tag', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.schedule', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.schedule_id_seq', '');
