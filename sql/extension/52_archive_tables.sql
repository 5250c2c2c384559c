-- Archives of a bus's events, what they have kept, and replays of it.

CREATE TABLE sfn.event_archive (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text COLLATE "C" NOT NULL UNIQUE,
	bus_id bigint NOT NULL,
	owner sfn.role NOT NULL,					-- what he may see, the archive keeps
	pattern json,								-- null: all events
	retention interval,							-- null: for ever
	description text,
	creation_date timestamptz NOT NULL
);
COMMENT ON TABLE sfn.event_archive IS 'which events of a bus are kept, and how long';

CREATE TABLE sfn.archived_event (
	archive_id bigint NOT NULL,
	"time" timestamptz NOT NULL,
	id bigint GENERATED ALWAYS AS IDENTITY,
	putter sfn.role,							-- who put it; null: it is the engine's, about
	state_machine_id bigint,					-- this machine
	event json NOT NULL,
	PRIMARY KEY (archive_id, "time", id)
);
COMMENT ON TABLE sfn.archived_event IS 'events that archives have kept';

CREATE TABLE sfn.archive_count (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	archive_id bigint NOT NULL,
	events bigint NOT NULL,						-- kept, less those whose time is over
	bytes bigint NOT NULL						-- of their text
);
COMMENT ON TABLE sfn.archive_count IS 'how many events archives have: the sum of the rows, one for each transaction until they are added up';

CREATE TABLE sfn.event_replay (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text COLLATE "C" NOT NULL UNIQUE,
	archive_id bigint NOT NULL,
	start_time timestamptz NOT NULL,			-- of the events that are put again
	end_time timestamptz NOT NULL,
	before_id bigint NOT NULL,					-- what is archived after its start is not replayed
	rules text[],								-- ARNs; null: all
	description text,
	state text NOT NULL CHECK (state IN ('STARTING', 'RUNNING', 'COMPLETED', 'CANCELLED', 'FAILED')),
	state_reason text,
	last_time timestamptz,						-- the last event that was put
	last_id bigint,
	replayed bigint NOT NULL DEFAULT 0,
	creation_date timestamptz NOT NULL,
	end_date timestamptz
);
COMMENT ON TABLE sfn.event_replay IS 'replays: archived events that are, or were, put on their bus again';
CREATE INDEX event_replay_archive ON sfn.event_replay (archive_id);
CREATE INDEX event_replay_under_way ON sfn.event_replay (id) WHERE end_date IS NULL;

SELECT pg_catalog.pg_extension_config_dump('sfn.event_archive', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_archive_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.archived_event', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.archived_event_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.archive_count', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.archive_count_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_replay', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_replay_id_seq', '');
