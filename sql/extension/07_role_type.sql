-- Roles in tables.  A role is its number, so renames are followed and a new role of an old name inherits nothing; in a dump it is
-- its name.  A name that the cluster of a restore does not have is no error there: it becomes a number that no role has, and
-- sfn.adopt() finds the role when there is one by then.

CREATE TYPE sfn.role;

CREATE FUNCTION sfn_internal.role_in(cstring) RETURNS sfn.role
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_role_in';
COMMENT ON FUNCTION sfn_internal.role_in(cstring) IS 'input of the type role';
CREATE FUNCTION sfn_internal.role_out(sfn.role) RETURNS cstring
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_role_out';
COMMENT ON FUNCTION sfn_internal.role_out(sfn.role) IS 'output of the type role';

CREATE TYPE sfn.role (INPUT = sfn_internal.role_in, OUTPUT = sfn_internal.role_out, LIKE = pg_catalog.oid);
COMMENT ON TYPE sfn.role IS 'a role, by its number in operation and by its name in dumps; unknown names are kept as numbers that no role has';

CREATE CAST (sfn.role AS pg_catalog.oid) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (sfn.role AS pg_catalog.regrole) WITHOUT FUNCTION AS ASSIGNMENT;
CREATE CAST (pg_catalog.oid AS sfn.role) WITHOUT FUNCTION AS ASSIGNMENT;
CREATE CAST (pg_catalog.regrole AS sfn.role) WITHOUT FUNCTION AS ASSIGNMENT;
