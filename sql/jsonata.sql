-- sfn.jsonata(): the language by itself.
SELECT sfn.jsonata('$sum(order.items[qty > 3].(qty * price))', '{"order": {"items": [{"qty": 5, "price": 2}, {"qty": 1, "price": 100}]}}');
SELECT sfn.jsonata('{"n": $count(a), "first": a[0]}', '{"a": [1, 2, 3]}');
-- null is undefined, in and out
SELECT sfn.jsonata('a.b', '{}') IS NULL AS undefined;
SELECT sfn.jsonata('$exists($)', NULL);
SELECT sfn.jsonata(NULL, '{}') IS NULL AS no_expression;
SELECT sfn.jsonata('null', '{}');
-- bindings are read as variables
SELECT sfn.jsonata('$x + $y.z', '{}', '{"x": 1, "y": {"z": 2}}');
SELECT sfn.jsonata('$x', '{}', '[1]');
-- what AWS adds
SELECT sfn.jsonata('[$partition([1..5], 2), $range(1, 9, 4), $hash("a", "MD5"), $parse("[1]")]', NULL);
SELECT sfn.jsonata('$random() < 1 and $length($uuid()) = 36', NULL);
-- errors begin with JSONata's code
SELECT sfn.jsonata('1 +', NULL);
SELECT sfn.jsonata('"a" + 1', NULL);
SELECT sfn.jsonata('$nope()', NULL);
SELECT sfn.jsonata('$error("mine")', NULL);
-- bounded, whatever is asked for (F84)
SELECT sfn.jsonata('[0..1e9]', NULL);
SELECT sfn.jsonata('($f := function($n) { $n + $f($n + 1) }; $f(0))', NULL);
SET sfn.jsonata_max_depth = 50;
SELECT sfn.jsonata('($f := function($n) { $n = 0 ? 0 : 1 + $f($n - 1) }; $f(100))', NULL);
RESET sfn.jsonata_max_depth;
SET sfn.jsonata_timeout = '50ms';
SELECT sfn.jsonata('($f := function($n) { $f($n + 1) }; $f(0))', NULL);
RESET sfn.jsonata_timeout;
SELECT sfn.jsonata('$match("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", /^(a+)+$/)', NULL);
SELECT sfn.jsonata('1e400', NULL);
SELECT sfn.jsonata('a', '{"a": 1e400}');
SELECT sfn.jsonata('$string(1e308 * 10)', NULL);
SELECT sfn.jsonata(repeat('(', 100000), NULL);
SELECT sfn.jsonata('$', (repeat('[', 900) || repeat(']', 900))::json) IS NOT NULL AS deep;
-- texts that are no JSON or no UTF-8
SELECT sfn.jsonata('"\ud800"', NULL);
SELECT sfn.jsonata('"a\u0000b"', NULL);
SELECT sfn.jsonata('$', '"\ud800"');
SELECT sfn.jsonata('$', '"a\u0000"');
SELECT sfn.jsonata('$parse("\"\\u0000\"")', NULL);
SELECT sfn.jsonata('$length($)', '"\ud83d\ude00"');
SELECT sfn.jsonata('a', '{"a": 1, "a": 2}');
SELECT sfn.jsonata('-0', NULL), sfn.jsonata('$', '-0');
SELECT sfn.test_state(repeat('[', 100000));
SELECT sfn.test_state('{"Type": "Succeed"}', repeat('[', 100000));
SELECT sfn.test_state(jsonb_build_object('Type', 'Pass', 'End', true, 'QueryLanguage', 'JSONata', 'Output', '{% ' || repeat('[', 5000) || ' %}'), '1'::jsonb) ->> 'status';
-- what runs in a state machine is bounded in the same way
SELECT r ->> 'status' AS status, r ->> 'error' AS error, right(r ->> 'cause', 100) AS cause
	FROM unnest(ARRAY['[0..1e9]', '($f := function($n) { 1 + $f($n) }; $f(1))', '$match("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", /^(a+)+$/)', '$pad("", 1e12)']) WITH ORDINALITY AS e(text, n),
	LATERAL sfn.test_state(jsonb_build_object('Type', 'Pass', 'End', true, 'QueryLanguage', 'JSONata', 'Output', '{% ' || e.text || ' %}'), '1'::jsonb) r ORDER BY n;
