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
