-- Buckets: what is refused, who sees them, sources of items that need no files.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SET datestyle = 'ISO';
SELECT sfn.create_bucket('b', 'file:///usr/share');
SELECT sfn.create_bucket('b', 'file:///usr//lib/../share/.');		-- the same
SELECT sfn.create_bucket('b', 'file:///usr/lib');			-- again replaces
SELECT url FROM sfn.buckets;
SELECT sfn.create_bucket('w', 'https://bucket.example.com/a/');
SELECT name, url, connection FROM sfn.buckets ORDER BY name;

-- what is wrong with them
SELECT sfn.create_bucket('', 'file:///usr/share');
SELECT sfn.create_bucket('a b', 'file:///usr/share');
SELECT sfn.create_bucket(NULL, 'file:///usr/share');
SELECT sfn.create_bucket('x', NULL);
SELECT sfn.create_bucket('x', 'file://usr/share');
SELECT sfn.create_bucket('x', 'file:///no/such/directory');
SELECT sfn.create_bucket('x', 'file:///');
SELECT sfn.create_bucket('x', '/usr/share');
SELECT sfn.create_bucket('x', 's3://bucket');
SELECT sfn.create_bucket('x', 'https://');
SELECT sfn.create_bucket('x', 'https://user@host/');
SELECT sfn.create_bucket('x', 'https://host/?list');
SELECT sfn.create_bucket('x', 'file:///usr/share', connection => 'c');
SELECT sfn.create_bucket('x', 'https://host', region => 'us-east-1');
SELECT sfn.create_bucket('x', 'https://host', connection => 'c', region => 'US');
SELECT sfn.create_bucket('x', 'file:///usr/share', readers => ARRAY[NULL]::regrole[]);
DO $$
BEGIN
	PERFORM sfn.create_bucket('x', 'file://' || current_setting('data_directory') || '/base');
EXCEPTION WHEN invalid_parameter_value THEN
	RAISE NOTICE '%', replace(sqlerrm, current_setting('data_directory'), 'DATA');
END $$;
SELECT sfn.delete_bucket('x');

-- who may
CREATE ROLE regress_bucket_reader;
CREATE ROLE regress_bucket_other;
CREATE ROLE regress_bucket_admin IN ROLE pg_read_server_files, pg_write_server_files;
SELECT sfn.create_bucket('w', 'https://bucket.example.com/a', readers => '{regress_bucket_reader}');
SET ROLE regress_bucket_other;
SELECT sfn.create_bucket('mine', 'https://bucket.example.com');
SELECT sfn.delete_bucket('w');
SELECT name FROM sfn.buckets;
SELECT * FROM sfn.bucket;
SET ROLE regress_bucket_reader;
SELECT name, readers FROM sfn.buckets;
SET ROLE regress_bucket_admin;
SELECT sfn.create_bucket('made', 'https://bucket.example.com', writers => ARRAY['-'::regrole]);
SELECT name, readers, writers, owner FROM sfn.buckets;
SET ROLE regress_bucket_other;
SELECT name, readers, writers, owner FROM sfn.buckets;
RESET ROLE;

-- sources that are named wrongly
SELECT severity, code, message, location, hint FROM sfn.validate_state_machine_definition('{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true,
	"ItemReader": {"Resource": "arn:aws:states:::s3:getObjects"},
	"ResultWriter": {"Resource": "arn:aws:states:::s3:getObject"},
	"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "P", "States": {"P": {"Type": "Succeed"}}}}}}');

-- sources without files
CREATE FUNCTION regress_items(name text, reader text, selector text DEFAULT '{"v.$": "$$.Map.Item.Value", "s.$": "$$.Map.Item.Source"}') RETURNS text LANGUAGE sql AS $$
	SELECT sfn.create_state_machine(name, format('{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemReader": %s, "ItemSelector": %s,
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}}',
		reader, selector));
	SELECT sfn.start_execution(name, name => name);
$$;
CREATE TABLE regress_rows (id int, n numeric, t text, a int[], at timestamptz);
INSERT INTO regress_rows VALUES (1, 1.50, 'x "y"', '{1,2}', '2024-02-29 12:00:00Z'), (2, NULL, NULL, NULL, NULL);
SELECT regress_items('query', '{"Resource": "arn:aws:states:::sql:query", "Parameters": {"Query": "SELECT * FROM public.regress_rows WHERE id >= $1 ORDER BY id DESC", "Args": [1]}}') IS NOT NULL AS started;
SELECT regress_items('table', '{"Resource": "arn:aws:states:::sql:table", "Parameters": {"Table": "public.regress_rows"}, "ReaderConfig": {"MaxItems": 1}}') IS NOT NULL AS started;
SELECT regress_items('none', '{"Resource": "arn:aws:states:::sql:query", "Parameters": {"Query": "SELECT 1 AS a WHERE false"}}') IS NOT NULL AS started;
SELECT regress_items('text', '{"Resource": "arn:aws:states:::sfn:text", "Parameters": {"Text": "[1, [2], null]"}, "ReaderConfig": {"InputType": "JSON"}}') IS NOT NULL AS started;
SELECT regress_items('members', '{"Resource": "arn:aws:states:::sfn:text", "Parameters": {"Text": "{\"a\": {\"x\": 1, \"y\": [2]}}"}, "ReaderConfig": {"InputType": "JSON", "ItemsPointer": "/a"}}',
	'{"k.$": "$$.Map.Item.Key", "v.$": "$$.Map.Item.Value"}') IS NOT NULL AS started;
SELECT regress_items('no_text', '{"Resource": "arn:aws:states:::sfn:text", "Parameters": {}, "ReaderConfig": {"InputType": "JSON"}}') IS NOT NULL AS started;
SELECT regress_items('no_type', '{"Resource": "arn:aws:states:::sfn:text", "Parameters": {"Text": ""}}') IS NOT NULL AS started;
SELECT regress_items('no_query', '{"Resource": "arn:aws:states:::sql:query", "Parameters": {"Query": 1}}') IS NOT NULL AS started;
SELECT regress_items('bad_args', '{"Resource": "arn:aws:states:::sql:query", "Parameters": {"Query": "SELECT 1", "Args": {}}}') IS NOT NULL AS started;
SELECT regress_items('bad_rows', '{"Resource": "arn:aws:states:::sql:query", "Parameters": {"Query": "SELECT 10 / (3 - i) AS n FROM generate_series(1, 9) i"}}') IS NOT NULL AS started;
SELECT regress_items('no_bucket', '{"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Key": "k"}, "ReaderConfig": {"InputType": "JSON"}}') IS NOT NULL AS started;
SELECT regress_items('version', '{"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k", "VersionId": "1"}, "ReaderConfig": {"InputType": "JSON"}}') IS NOT NULL AS started;
SELECT regress_items('parquet', '{"Resource": "arn:aws:states:::sfn:text", "Parameters": {"Text": ""}, "ReaderConfig": {"InputType": "PARQUET"}}') IS NOT NULL AS started;
SELECT sfn.run_until_idle() > 0 AS turned;
SELECT state_machine, status, output, error, cause FROM sfn.executions WHERE state_machine = name ORDER BY start_date, state_machine;
SELECT count(*) AS left_behind FROM sfn.map_run_input;

DROP FUNCTION regress_items;
DROP TABLE regress_rows;
SELECT sfn.delete_bucket(name) FROM sfn.buckets ORDER BY name;
DROP ROLE regress_bucket_reader;
DROP ROLE regress_bucket_other;
DROP ROLE regress_bucket_admin;
