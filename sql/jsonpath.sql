-- sfn.jsonpath(): the dialect that AWS speaks.
SELECT sfn.jsonpath('$', '{"b": 1.0, "a": 2}');
SELECT sfn.jsonpath('$.order.items[*].price', '{"order": {"items": [{"price": 1.50}, {"price": 2}, {"sku": "x"}]}}');
SELECT sfn.jsonpath('$.items[?(@.price > 1)].sku', '{"items": [{"sku": "a", "price": 1}, {"sku": "b", "price": 2}]}');
SELECT sfn.jsonpath('$..price', '{"a": {"price": 1}, "b": [{"price": 2}]}');
SELECT sfn.jsonpath('$.list[-1:]', '{"list": [1, 2, 3]}');
SELECT sfn.jsonpath('$[''a b''][0]', '{"a b": [null]}');
SELECT sfn.jsonpath('$.list[*].nothing', '{"list": []}');
SELECT sfn.jsonpath('$.a', '{"b": 1}');
SELECT sfn.jsonpath('$.list[3]', '{"list": [1]}');
SELECT sfn.jsonpath('$.', '{}');
SELECT sfn.jsonpath('a.b', '{}');
SELECT sfn.jsonpath('', '{}');
SELECT sfn.jsonpath('$.a', '"\u0000"');
SELECT sfn.jsonpath(NULL, '{}') IS NULL AS is_null;
-- an index on what a path selects
CREATE TABLE jsonpath_docs (doc json);
CREATE INDEX ON jsonpath_docs ((sfn.jsonpath('$.id', doc)::text));
INSERT INTO jsonpath_docs VALUES ('{"id": 1}');
DROP TABLE jsonpath_docs;
