-- Tags of state machines and activities, by SQL and by the AWS API.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET sfn.region = 'us-east-1';
\set activity arn:aws:states:us-east-1:000000000000:activity:weigh
\set machine arn:aws:states:us-east-1:000000000000:stateMachine:tagged
CREATE ROLE tags_owner;
CREATE ROLE tags_stranger;
SET ROLE tags_owner;
SELECT sfn.create_activity('weigh', '{"team": "shop", "cost": ""}') AS activity;
SELECT sfn.create_state_machine('tagged', '{"StartAt": "P", "States": {"P": {"Type": "Succeed"}}}', tags => '{"team": "office"}') AS machine;
SELECT * FROM sfn.list_tags_for_resource(:'activity');
SELECT * FROM sfn.list_tags_for_resource(:'machine');
SELECT * FROM sfn.list_tags_for_resource('tagged');
-- new values, new keys, and fewer
SELECT sfn.tag_resource(:'activity', '{"team": "yard", "floor": "1"}'), sfn.tag_resource('tagged', '{"floor": "2"}');
SELECT sfn.untag_resource(:'activity', '{cost,none,NULL}'), sfn.untag_resource(:'machine', '{team}');
SELECT 'activity' AS of, * FROM sfn.list_tags_for_resource(:'activity') UNION ALL SELECT 'machine', * FROM sfn.list_tags_for_resource('tagged');
SELECT sfn.untag_resource(:'activity', NULL), sfn.tag_resource(:'activity', NULL), sfn.tag_resource(:'activity', '{}');
SELECT count(*) FROM sfn.list_tags_for_resource(:'activity');
-- making it again changes nothing
SELECT sfn.create_activity('weigh', '{"other": "x"}') IS NOT NULL AS again;
SELECT sfn.api('ListTagsForResource', json_build_object('resourceArn', :'activity'));
-- the AWS API
SELECT sfn.api('CreateActivity', '{"name": "measure", "tags": [{"key": "b", "value": "2"}, {"key": "a", "value": "1"}]}');
SELECT sfn.api('TagResource', '{"resourceArn": "arn:aws:states:us-east-1:000000000000:activity:measure", "tags": [{"key": "c", "value": "3"}]}');
SELECT sfn.api('UntagResource', '{"resourceArn": "arn:aws:states:us-east-1:000000000000:activity:measure", "tagKeys": ["b"]}');
SELECT sfn.api('ListTagsForResource', '{"resourceArn": "arn:aws:states:us-east-1:000000000000:activity:measure"}');
-- refused
SELECT sfn.tag_resource(:'activity', '{"aws:x": "1"}');
SELECT sfn.tag_resource(:'activity', '{"n": 1}');
SELECT sfn.tag_resource(:'activity', '["n"]');
SELECT sfn.tag_resource(:'activity', (SELECT jsonb_object_agg('key' || n, '') FROM generate_series(1, 49) n));
SELECT sfn.create_activity('many', (SELECT jsonb_object_agg('key' || n, '') FROM generate_series(1, 51) n));
SELECT name FROM sfn.list_activities();
SELECT sfn.api('CreateActivity', '{"name": "system", "tags": [{"key": "aws:a", "value": ""}]}');
SELECT sfn.api('TagResource', '{"resourceArn": "arn:aws:states:us-east-1:000000000000:activity:nobody", "tags": []}');
SELECT sfn.api('TagResource', '{"resourceArn": "arn:aws:states:eu-west-1:000000000000:activity:weigh", "tags": []}');
SELECT sfn.api('ListTagsForResource', '{"resourceArn": "arn:aws:states:us-east-1:000000000000:execution:a:b"}');
SELECT * FROM sfn.list_tags_for_resource('arn:aws:states:us-east-1:000000000000:activity:nobody');
SELECT * FROM sfn.list_tags_for_resource('nobody');
SELECT * FROM sfn.list_tags_for_resource(NULL);
SET ROLE tags_stranger;
SELECT * FROM sfn.list_tags_for_resource(:'activity');
SELECT sfn.tag_resource(:'activity', '{"mine": "1"}');
SELECT sfn.api('UntagResource', json_build_object('resourceArn', :'activity', 'tagKeys', ARRAY['team']));
SELECT sfn.untag_resource(:'machine', '{floor}');
RESET ROLE;
-- gone with the activity
SELECT sfn.delete_activity('weigh'), sfn.create_activity('weigh') IS NOT NULL AS new;
SELECT count(*) FROM sfn.list_tags_for_resource(:'activity');
SELECT sfn.delete_activity('weigh'), sfn.delete_activity('measure'), sfn.delete_state_machine('tagged');
SELECT count(*) FROM sfn.activity_tag;
REASSIGN OWNED BY tags_owner TO CURRENT_USER;
DROP ROLE tags_owner, tags_stranger;
