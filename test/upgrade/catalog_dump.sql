-- All that the extension has put into the catalog, a line for each property, in an order that does not depend on the
-- order in which objects were made.  Two versions of the install script, or a fresh and an updated database, are the
-- same if their dumps are; same_catalog.sh compares two.  By hand:
--
--	psql -XAtq -f test/upgrade/catalog_dump.sql
SET search_path = pg_catalog;
SET lock_timeout = '10s';

CREATE TEMPORARY VIEW member AS
	SELECT d.classid, d.objid FROM pg_depend d JOIN pg_extension x ON x.oid = d.refobjid
	WHERE x.extname = 'sfn' AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e';

CREATE TEMPORARY VIEW relation AS
	SELECT c.*, c.oid::regclass::text AS identity FROM pg_class c
	WHERE EXISTS (SELECT FROM member m WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid);

-- Privileges one by one, since an ACL lists them in the order in which they were given; null: the default ones.
CREATE FUNCTION pg_temp.acl_text(acl aclitem[]) RETURNS text
	LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN acl IS NULL THEN 'default' ELSE coalesce(
		(SELECT string_agg(a.grantee::regrole::text || ' ' || a.privilege_type
						   || CASE WHEN a.is_grantable THEN ' with grant option' ELSE '' END, ', '
						   ORDER BY a.grantee::regrole::text COLLATE "C", a.privilege_type COLLATE "C")
		 FROM aclexplode(acl) a), 'none') END
$$;

SELECT line FROM (
	-- the extension, and what pg_dump takes of its tables
	SELECT format('extension %s: schema %s, relocatable %s', extname, extnamespace::regnamespace, extrelocatable) AS line
	FROM pg_extension WHERE extname = 'sfn'
	UNION ALL
	SELECT format('extension sfn: dumps %s where "%s"', c.oid::regclass, c.condition)
	FROM pg_extension x, unnest(x.extconfig, x.extcondition) c(oid, condition) WHERE x.extname = 'sfn'

	-- every member, its owner's word on it, and its rights when the script had run
	UNION ALL
	SELECT format('member %s %s', i.type, i.identity)
	FROM member m, pg_identify_object(m.classid, m.objid, 0) i
	UNION ALL
	SELECT format('comment %s %s: %s', i.type, i.identity, d.description)
	FROM pg_description d JOIN member m ON m.classid = d.classoid AND m.objid = d.objoid,
		pg_identify_object(d.classoid, d.objoid, d.objsubid) i
	UNION ALL
	SELECT format('comment %s %s: %s', i.type, i.identity, d.description)
	FROM pg_description d, pg_identify_object(d.classoid, d.objoid, 0) i
	WHERE d.classoid IN ('pg_constraint'::regclass, 'pg_trigger'::regclass, 'pg_policy'::regclass, 'pg_rewrite'::regclass)
		AND i.schema = 'sfn'
	UNION ALL
	SELECT format('initial rights %s %s: %s', i.type, i.identity, pg_temp.acl_text(p.initprivs))
	FROM pg_init_privs p JOIN member m ON m.classid = p.classoid AND m.objid = p.objoid,
		pg_identify_object(p.classoid, p.objoid, p.objsubid) i
	UNION ALL
	SELECT format('rights schema %s: %s', n.nspname, pg_temp.acl_text(n.nspacl))
	FROM pg_namespace n JOIN member m ON m.classid = 'pg_namespace'::regclass AND m.objid = n.oid

	-- tables, views, sequences and indexes
	UNION ALL
	SELECT format('relation %s: kind %s, persistence %s, owner %s, options %s, row security %s/%s, replica identity %s, method %s',
				  identity, relkind, relpersistence, relowner::regrole, coalesce(reloptions::text, 'none'), relrowsecurity,
				  relforcerowsecurity, relreplident, (SELECT amname FROM pg_am WHERE oid = relam))
	FROM relation
	UNION ALL
	SELECT format('rights relation %s: %s', identity, pg_temp.acl_text(relacl)) FROM relation
	UNION ALL
	SELECT format('column %s %s %s: %s, collation %s, not null %s, identity "%s", generated "%s", storage %s, compression "%s", statistics %s, options %s, rights %s, default %s',
				  r.identity, to_char(a.attnum, 'FM000'), a.attname, format_type(a.atttypid, a.atttypmod),
				  coalesce(nullif(a.attcollation, 0)::regcollation::text, 'none'), a.attnotnull, a.attidentity,
				  a.attgenerated, a.attstorage, a.attcompression, a.attstattarget,
				  -- those that SQL can set: builds of the server may keep others here, which differ each time
				  coalesce((SELECT string_agg(o, ',') FROM unnest(a.attoptions) o WHERE o LIKE 'n\_distinct%'), 'none'),
				  pg_temp.acl_text(a.attacl), coalesce(pg_get_expr(d.adbin, d.adrelid), 'none'))
	FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
	UNION ALL
	SELECT format('dropped column %s %s', r.identity, a.attnum)
	FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attisdropped
	UNION ALL
	SELECT format('constraint %s %s: %s%s', r.identity, c.conname, pg_get_constraintdef(c.oid),
				  CASE WHEN c.convalidated THEN '' ELSE ', not validated' END)
	FROM relation r JOIN pg_constraint c ON c.conrelid = r.oid
	UNION ALL
	SELECT format('index %s: %s; valid %s, clustered %s, replica identity %s', i.indexrelid::regclass,
				  pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisclustered, i.indisreplident)
	FROM relation r JOIN pg_index i ON i.indrelid = r.oid
	UNION ALL
	SELECT format('view %s: %s', identity, pg_get_viewdef(oid, true)) FROM relation WHERE relkind IN ('v', 'm')
	UNION ALL
	SELECT format('sequence %s: %s from %s by %s, %s to %s, cache %s, cycle %s', r.identity, s.seqtypid::regtype, s.seqstart,
				  s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle)
	FROM relation r JOIN pg_sequence s ON s.seqrelid = r.oid
	UNION ALL
	SELECT format('trigger %s: %s, enabled %s', r.identity, pg_get_triggerdef(t.oid), t.tgenabled)
	FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid WHERE NOT t.tgisinternal
	UNION ALL
	SELECT format('rule %s: %s, enabled %s', r.identity, pg_get_ruledef(w.oid, true), w.ev_enabled)
	FROM relation r JOIN pg_rewrite w ON w.ev_class = r.oid WHERE w.rulename <> '_RETURN'
	UNION ALL
	SELECT format('policy %s %s: for "%s", permissive %s, to %s, using %s, check %s', r.identity, p.polname, p.polcmd,
				  p.polpermissive, p.polroles::regrole[], pg_get_expr(p.polqual, p.polrelid),
				  pg_get_expr(p.polwithcheck, p.polrelid))
	FROM relation r JOIN pg_policy p ON p.polrelid = r.oid
	UNION ALL
	SELECT format('statistics %s', pg_get_statisticsobjdef(s.oid))
	FROM relation r JOIN pg_statistic_ext s ON s.stxrelid = r.oid

	-- functions and procedures: source, settings and all
	UNION ALL
	SELECT format('function %s: owner %s, rights %s, cost %s, rows %s, library %s, %s', p.oid::regprocedure,
				  p.proowner::regrole, pg_temp.acl_text(p.proacl), p.procost, p.prorows, coalesce(p.probin, 'none'),
				  pg_get_functiondef(p.oid))
	FROM pg_proc p JOIN member m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid WHERE p.prokind <> 'a'
	UNION ALL
	SELECT format('type %s: kind %s, owner %s, rights %s, base %s, default %s, labels %s', t.oid::regtype, t.typtype,
				  t.typowner::regrole, pg_temp.acl_text(t.typacl), t.typbasetype::regtype, t.typdefault,
				  (SELECT array_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid))
	FROM pg_type t JOIN member m ON m.classid = 'pg_type'::regclass AND m.objid = t.oid
) lines
ORDER BY line COLLATE "C";
