-- Choice: rules in order, Default, no match.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
SELECT sfn.create_state_machine('choice_rules', '{"StartAt": "C", "States": {
	"C": {"Type": "Choice", "Choices": [
		{"And": [{"Variable": "$.n", "IsPresent": true}, {"Variable": "$.n", "NumericGreaterThan": 100}], "Next": "Big"},
		{"And": [{"Variable": "$.n", "IsNumeric": true}, {"Not": {"Variable": "$.n", "NumericEqualsPath": "$.other"}}], "Next": "Small"},
		{"Variable": "$.name", "StringMatches": "a*z", "Next": "Matches"},
		{"Or": [{"Variable": "$.flag", "BooleanEquals": true}, {"Variable": "$.flag", "IsTimestamp": true}], "Next": "Either"}],
		"Default": "Other"},
	"Big": {"Type": "Pass", "Result": "big", "End": true}, "Small": {"Type": "Pass", "Result": "small", "End": true},
	"Matches": {"Type": "Pass", "Result": "matches", "End": true}, "Either": {"Type": "Pass", "Result": "either", "End": true},
	"Other": {"Type": "Pass", "Result": "other", "End": true}}}') IS NOT NULL AS made;
SELECT sfn.create_state_machine('choice_none', '{"StartAt": "C", "States": {
	"C": {"Type": "Choice", "Choices": [{"Variable": "$.a", "StringEquals": "x", "Next": "Done"}]}, "Done": {"Type": "Succeed"}}}') IS NOT NULL AS made;
SELECT count(sfn.start_execution(m, i, n)) FROM (VALUES
	('choice_rules', '{"n": 101, "other": 0}', 'a_big'), ('choice_rules', '{"n": 1, "other": 2}', 'b_small'),
	('choice_rules', '{"n": 2, "other": 2, "name": "abcz"}', 'c_matches'), ('choice_rules', '{"n": null, "name": "b", "flag": "2026-01-01T00:00:00Z"}', 'd_either'),
	('choice_rules', '{"n": null, "name": "b", "flag": true}', 'e_either'), ('choice_rules', '{"n": "1000", "other": "1000", "name": 5, "flag": "true"}', 'f_path_type'),
	('choice_rules', '{"n": null, "name": "q", "flag": false}', 'g_other'), ('choice_none', '{"a": "y"}', 'h_no_match'), ('choice_none', '{}', 'i_no_variable')) v (m, i, n);
SELECT sfn.run_until_idle();
SELECT name, status, output, error, cause FROM sfn.executions WHERE state_machine ~ '^choice_' ORDER BY name;
SELECT id, previous_event_id, type, details FROM sfn.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:choice_none:h_no_match');
