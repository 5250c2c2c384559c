--
-- PostgreSQL database dump
--

\restrict atXmV4NxPK5Dn3BWN8gLcZtM3M0lEM4xbwVSYVVshAdEJGilOXAh7iZhrZW8QZg

-- Dumped from database version 15.20 (Debian 15.20-0+deb12u1)
-- Dumped by pg_dump version 15.20 (Debian 15.20-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: sfn; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS sfn WITH SCHEMA pg_catalog;


--
-- Name: EXTENSION sfn; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON EXTENSION sfn IS 'state machines in the Amazon States Language, run by the database itself';


--
-- Name: keep(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.keep(name text, token text) RETURNS void
    LANGUAGE sql
    AS $$INSERT INTO public.token VALUES (name, token)$$;


--
-- Name: may(json); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.may(input json) RETURNS json
    LANGUAGE plpgsql
    AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM public.allowed a WHERE a.name = input ->> 'name') THEN
		RAISE EXCEPTION 'not yet' USING ERRCODE = 'P0002';
	END IF;
	RETURN public.work(input);
END $$;


--
-- Name: work(json); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.work(input json) RETURNS json
    LANGUAGE sql
    AS $$INSERT INTO public.effect VALUES (input ->> 'name') RETURNING pg_catalog.json_build_object('name', name)$$;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: allowed; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.allowed (
    name text
);


--
-- Name: effect; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.effect (
    name text
);


--
-- Name: token; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.token (
    name text,
    token text
);


--
-- Data for Name: allowed; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.allowed (name) FROM stdin;
redriven
retry
\.


--
-- Data for Name: effect; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.effect (name) FROM stdin;
\.


--
-- Data for Name: token; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.token (name, token) FROM stdin;
token	AAAAAAAAAAWZdnY0+r+nr1yNBG6KrG7eoSpZu4BHH9dQ
taken	AAAAAAAAAAdUWWUFDw46TDCSV9rQi8G4Db5BkjfsycSv
\.


--
-- Data for Name: access_key; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.access_key (access_key_id, role, actions, status, description, creation_date, expiration_date, last_used) FROM stdin;
\.


--
-- Data for Name: activity; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.activity (id, name, owner, creation_date) FROM stdin;
1	half_done	postgres	2026-11-29 17:03:10.048519+00
2	taken	postgres	2026-11-29 17:03:10.048519+00
\.


--
-- Data for Name: activity_tag; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.activity_tag (activity_id, key, value) FROM stdin;
\.


--
-- Data for Name: archive_count; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.archive_count (id, archive_id, events, bytes) FROM stdin;
\.


--
-- Data for Name: archived_event; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.archived_event (archive_id, "time", id, putter, state_machine_id, event) FROM stdin;
\.


--
-- Data for Name: awaited_event; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.awaited_event (ticket, writer, event, creation_date) FROM stdin;
\.


--
-- Data for Name: branch; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.branch (execution_id, id, parent_id, index, is_finished, image, state_input, variables, output) FROM stdin;
9	1	0	0	f	{"status":"WAITING","state":"Rest","visit":1,"entered":4,"after":3,"last":4,"time":849286990048519,"timers":true}	{"name":"parallel","items":[{"name":"item"},{"name":"item"},{"name":"item"}]}	\N	\N
9	2	0	1	t	\N	\N	\N	{"name":"parallel","items":[{"name":"item"},{"name":"item"},{"name":"item"}]}
9	3	0	2	f	{"status":"WAITING","state":"Rest","visit":1,"entered":7,"after":3,"last":7,"time":849286990048519,"timers":true}	{"name":"parallel","items":[{"name":"item"},{"name":"item"},{"name":"item"}]}	\N	\N
10	1	0	0	f	{"status":"WAITING","state":"Rest","visit":1,"entered":5,"after":4,"last":5,"time":849286990048519,"timers":true}	{"name":"item"}	\N	\N
\.


--
-- Data for Name: bucket; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.bucket (id, name, url, connection, region, readers, writers, owner, creation_date) FROM stdin;
\.


--
-- Data for Name: change_trigger; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.change_trigger (trigger_id, table_id, creator) FROM stdin;
\.


--
-- Data for Name: connection; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.connection (id, version, name, connection_id, owner, description, authorization_type, parameters, shown, tls, creation_date, update_date) FROM stdin;
\.


--
-- Data for Name: connection_use; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.connection_use (connection_id, role, grantor, grant_date) FROM stdin;
\.


--
-- Data for Name: event_archive; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.event_archive (id, name, bus_id, owner, pattern, retention, description, creation_date) FROM stdin;
\.


--
-- Data for Name: event_bus; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.event_bus (id, name, owner, description, creation_date) FROM stdin;
\.


--
-- Data for Name: event_bus_grant; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.event_bus_grant (bus_id, grantee, privilege) FROM stdin;
\.


--
-- Data for Name: event_bus_permission; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.event_bus_permission (bus_id, "position", statement_id, principal, grantee) FROM stdin;
\.


--
-- Data for Name: event_bus_tag; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.event_bus_tag (bus_id, key, value) FROM stdin;
\.


--
-- Data for Name: event_dead_letter; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.event_dead_letter (id, creation_date, rule_id, bus, rule, target_id, event, error, cause, execution_id) FROM stdin;
\.


--
-- Data for Name: event_notice; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.event_notice (id, channel, payload) FROM stdin;
\.


--
-- Data for Name: event_replay; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.event_replay (id, name, archive_id, start_time, end_time, before_id, rules, description, state, state_reason, last_time, last_id, replayed, creation_date, end_date) FROM stdin;
\.


--
-- Data for Name: event_rule; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.event_rule (id, bus_id, name, owner, pattern, is_enabled, disabled_reason, description, role_arn, creation_date) FROM stdin;
\.


--
-- Data for Name: event_rule_tag; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.event_rule_tag (rule_id, key, value) FROM stdin;
\.


--
-- Data for Name: event_target; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.event_target (rule_id, target_id, target, role, input, input_path, input_transformer, retry, aws_members, machine_id) FROM stdin;
\.


--
-- Data for Name: execution; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.execution (id, state_machine_id, revision_id, starter, start_date, stop_date, redrive_date, last_event_id, history_bytes, last_branch_id, redrive_count, status, has_branches, has_parent, is_deleted, is_named, name, express_id, input, image, state_input, variables, output, error, cause, trace_header, quarantined_at, quarantine_reason, version, alias, map_run_id, map_index, map_items) FROM stdin;
7	8	8	postgres	2026-11-29 17:03:10.048519+00	\N	\N	4	1065	0	0	1	f	f	f	t	taken	\N	{"name" : "taken", "items" : [{"name" : "item"}, {"name" : "item"}, {"name" : "item"}]}	{"status":"WAITING","state":"First","visit":1,"entered":2,"last":4,"time":849286990048519,"started":true,"token":"AAAAAAAAAAdUWWUFDw46TDCSV9rQi8G4Db5BkjfsycSv","timers":true}	{"name":"taken","items":[{"name":"item"},{"name":"item"},{"name":"item"}]}	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1	2	2	postgres	2026-11-29 17:03:10.048519+00	\N	\N	2	582	0	0	1	f	f	f	t	wait	\N	{"name" : "wait", "items" : [{"name" : "item"}, {"name" : "item"}, {"name" : "item"}]}	{"status":"WAITING","state":"First","visit":1,"entered":2,"last":2,"time":849286990048519,"timers":true}	{"name":"wait","items":[{"name":"item"},{"name":"item"},{"name":"item"}]}	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
2	3	3	postgres	2026-11-29 17:03:10.048519+00	\N	\N	4	1219	0	0	1	f	f	f	t	variables	\N	{"name" : "variables", "items" : [{"name" : "item"}, {"name" : "item"}, {"name" : "item"}]}	{"status":"WAITING","state":"Rest","visit":2,"entered":4,"after":3,"last":4,"time":849286990048519,"timers":true}	{"name":"variables","items":[{"name":"item"},{"name":"item"},{"name":"item"}]}	{"kept":"variables"}	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
3	4	4	postgres	2026-11-29 17:03:10.048519+00	\N	\N	5	1358	0	0	1	f	f	f	t	retry	\N	{"name" : "retry", "items" : [{"name" : "item"}, {"name" : "item"}, {"name" : "item"}]}	{"status":"DELAYED","state":"First","visit":1,"attempt":1,"entered":2,"last":5,"time":849286990048519,"retries":[1],"timers":true}	{"name":"retry","items":[{"name":"item"},{"name":"item"},{"name":"item"}]}	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
4	5	5	postgres	2026-11-29 17:03:10.048519+00	2026-11-29 17:03:10.048519+00	\N	6	1673	0	0	3	f	f	f	t	redriven	\N	{"name" : "redriven", "items" : [{"name" : "item"}, {"name" : "item"}, {"name" : "item"}]}	{"status":"WAITING","state":"First","visit":1,"entered":2,"last":5,"time":849286990048519}	{"name":"redriven","items":[{"name":"item"},{"name":"item"},{"name":"item"}]}	\N	\N	Sql.no_data_found	{"message":"not yet","context":"PL/pgSQL function may(json) line 4 at RAISE\\nSQL statement \\"SELECT public.may($1)\\"","sqlstate":"P0002"}	\N	\N	\N	\N	\N	\N	\N	\N
5	6	6	postgres	2026-11-29 17:03:10.048519+00	\N	\N	5	1340	0	0	1	f	f	f	t	token	\N	{"name" : "token", "items" : [{"name" : "item"}, {"name" : "item"}, {"name" : "item"}]}	{"status":"WAITING","state":"First","visit":1,"entered":2,"last":5,"time":849286990048519,"started":true,"token":"AAAAAAAAAAWZdnY0+r+nr1yNBG6KrG7eoSpZu4BHH9dQ","timers":true}	{"name":"token","items":[{"name":"item"},{"name":"item"},{"name":"item"}]}	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
6	7	7	postgres	2026-11-29 17:03:10.048519+00	\N	\N	3	946	0	0	1	f	f	f	t	activity	\N	{"name" : "activity", "items" : [{"name" : "item"}, {"name" : "item"}, {"name" : "item"}]}	{"status":"WAITING","state":"First","visit":1,"entered":2,"last":3,"time":849286990048519,"token":"AAAAAAAAAAb/QpPslH0fSeh7pi8Lm9IU9+SRYCkxudqo","timers":true}	{"name":"activity","items":[{"name":"item"},{"name":"item"},{"name":"item"}]}	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
8	9	9	postgres	2026-11-29 17:03:10.048519+00	\N	\N	4	977	0	0	1	f	f	f	t	http	\N	{"name" : "http", "items" : [{"name" : "item"}, {"name" : "item"}, {"name" : "item"}]}	{"status":"WAITING","state":"First","visit":1,"entered":2,"last":4,"time":849286990048519,"timers":true}	{"name":"http","items":[{"name":"item"},{"name":"item"},{"name":"item"}]}	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
9	10	10	postgres	2026-11-29 17:03:10.048519+00	\N	\N	7	1742	3	0	1	t	f	f	t	parallel	\N	{"name" : "parallel", "items" : [{"name" : "item"}, {"name" : "item"}, {"name" : "item"}]}	{"status":"WAITING","state":"First","visit":1,"entered":2,"last":3,"time":849286990048519,"total":3,"begun":3,"ended":1,"lastChild":6}	{"name":"parallel","items":[{"name":"item"},{"name":"item"},{"name":"item"}]}	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
10	11	11	postgres	2026-11-29 17:03:10.048519+00	\N	\N	5	1039	1	0	1	t	f	f	t	map	\N	{"name" : "map", "items" : [{"name" : "item"}, {"name" : "item"}, {"name" : "item"}]}	{"status":"WAITING","state":"First","visit":1,"entered":2,"last":3,"time":849286990048519,"total":3,"begun":1,"lastChild":3}	{"name":"map","items":[{"name":"item"},{"name":"item"},{"name":"item"}]}	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
14	2	2	postgres	2026-11-29 17:03:10.048519+00	\N	\N	2	517	0	0	1	f	f	f	t	version	\N	{"name": "version"}	{"status":"WAITING","state":"First","visit":1,"entered":2,"last":2,"time":849286990048519,"timers":true}	{"name":"version"}	\N	\N	\N	\N	\N	\N	\N	1	\N	\N	\N	\N
11	12	12	postgres	2026-11-29 17:03:10.048519+00	\N	\N	4	941	0	0	1	f	f	f	t	distributed	\N	{"name" : "distributed", "items" : [{"name" : "item"}, {"name" : "item"}, {"name" : "item"}]}	{"status":"WAITING","state":"First","visit":1,"entered":2,"last":4,"time":849286990048519,"mapRun":"db1944f0-0619-42ef-b154-648397392c8f","timers":true}	{"name":"distributed","items":[{"name":"item"},{"name":"item"},{"name":"item"}]}	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
12	13	13	postgres	2026-11-29 17:03:10.048519+00	\N	\N	5	1671	0	0	1	f	f	f	t	parent	\N	{"name" : "parent", "items" : [{"name" : "item"}, {"name" : "item"}, {"name" : "item"}]}	{"status":"WAITING","state":"First","visit":1,"entered":2,"last":5,"time":849286990048519,"started":true,"token":"AAAAAAAAAAzt7Nv4Ce7BxSs9w78nl5RVR9QR3Qv2wb5d","timers":true}	{"name":"parent","items":[{"name":"item"},{"name":"item"},{"name":"item"}]}	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
13	14	14	postgres	2026-11-29 17:03:10.048519+00	\N	\N	2	588	0	0	1	f	f	f	t	stopped	\N	{"name" : "stopped", "items" : [{"name" : "item"}, {"name" : "item"}, {"name" : "item"}]}	{"status":"WAITING","state":"First","visit":1,"entered":2,"last":2,"time":849286990048519,"timers":true}	{"name":"stopped","items":[{"name":"item"},{"name":"item"},{"name":"item"}]}	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
15	15	15	postgres	2026-11-29 17:03:10.048519+00	\N	\N	2	424	0	0	1	f	f	f	f	fff00000-0000-8000-8007-90b1408fdad8	\N	{"name":"item"}	{"status":"WAITING","state":"Rest","visit":1,"entered":2,"last":2,"time":849286990048519,"timers":true}	{"name":"item"}	\N	\N	\N	\N	\N	\N	\N	\N	\N	1	0	1
16	15	15	postgres	2026-11-29 17:03:10.048519+00	\N	\N	2	424	0	0	1	f	f	f	f	fff00000-0000-8000-8008-78c8f9d7eb41	\N	{"name":"item"}	{"status":"WAITING","state":"Rest","visit":1,"entered":2,"last":2,"time":849286990048519,"timers":true}	{"name":"item"}	\N	\N	\N	\N	\N	\N	\N	\N	\N	1	1	1
17	2	2	half_done	2026-11-29 17:03:10.048519+00	\N	\N	2	427	0	0	1	f	t	f	f	fff00000-0000-8000-8008-ad5bb1fe5ff6	\N	{"name":"child"}	{"status":"WAITING","state":"First","visit":1,"entered":2,"last":2,"time":849286990048519,"timers":true}	{"name":"child"}	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
18	1	1	postgres	2026-11-29 17:03:10.048519+00	\N	\N	0	0	0	0	1	f	f	f	t	not_begun	\N	{"name": "not_begun"}	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
\.


--
-- Data for Name: execution_status; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.execution_status (state_machine_id, map_run_id, start_date, execution_id, status) FROM stdin;
2	0	2026-11-29 17:03:10.048519+00	1	1
3	0	2026-11-29 17:03:10.048519+00	2	1
4	0	2026-11-29 17:03:10.048519+00	3	1
5	0	2026-11-29 17:03:10.048519+00	4	3
6	0	2026-11-29 17:03:10.048519+00	5	1
7	0	2026-11-29 17:03:10.048519+00	6	1
8	0	2026-11-29 17:03:10.048519+00	7	1
9	0	2026-11-29 17:03:10.048519+00	8	1
10	0	2026-11-29 17:03:10.048519+00	9	1
11	0	2026-11-29 17:03:10.048519+00	10	1
12	0	2026-11-29 17:03:10.048519+00	11	1
13	0	2026-11-29 17:03:10.048519+00	12	1
14	0	2026-11-29 17:03:10.048519+00	13	1
2	0	2026-11-29 17:03:10.048519+00	14	1
15	1	2026-11-29 17:03:10.048519+00	15	1
15	1	2026-11-29 17:03:10.048519+00	16	1
2	0	2026-11-29 17:03:10.048519+00	17	1
\.


--
-- Data for Name: function; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.function (id, name, target, alone, owner, creation_date) FROM stdin;
\.


--
-- Data for Name: gateway_start; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.gateway_start (role, invocation_id, execution_id, start_date) FROM stdin;
\.


--
-- Data for Name: history_chunk; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.history_chunk (execution_id, first_id, last_id, events) FROM stdin;
1	1	2	[{"id":1,"previousEventId":0,"timestamp":1795971790.048,"type":"ExecutionStarted","executionStartedEventDetails":{"input":"{\\"name\\" : \\"wait\\", \\"items\\" : [{\\"name\\" : \\"item\\"}, {\\"name\\" : \\"item\\"}, {\\"name\\" : \\"item\\"}]}","inputDetails":{"truncated":false},"roleArn":"arn:aws:iam::000000000000:role/half_done"}},{"id":2,"previousEventId":0,"timestamp":1795971790.048,"type":"WaitStateEntered","stateEnteredEventDetails":{"name":"First","input":"{\\"name\\":\\"wait\\",\\"items\\":[{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"}]}","inputDetails":{"truncated":false}}}]
2	1	4	[{"id":1,"previousEventId":0,"timestamp":1795971790.048,"type":"ExecutionStarted","executionStartedEventDetails":{"input":"{\\"name\\" : \\"variables\\", \\"items\\" : [{\\"name\\" : \\"item\\"}, {\\"name\\" : \\"item\\"}, {\\"name\\" : \\"item\\"}]}","inputDetails":{"truncated":false},"roleArn":"arn:aws:iam::000000000000:role/half_done"}},{"id":2,"previousEventId":0,"timestamp":1795971790.048,"type":"PassStateEntered","stateEnteredEventDetails":{"name":"First","input":"{\\"name\\":\\"variables\\",\\"items\\":[{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"}]}","inputDetails":{"truncated":false}}},{"id":3,"previousEventId":2,"timestamp":1795971790.048,"type":"PassStateExited","stateExitedEventDetails":{"name":"First","output":"{\\"name\\":\\"variables\\",\\"items\\":[{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"}]}","outputDetails":{"truncated":false},"assignedVariables":{"kept":"\\"variables\\""},"assignedVariablesDetails":{"truncated":false}}},{"id":4,"previousEventId":3,"timestamp":1795971790.048,"type":"WaitStateEntered","stateEnteredEventDetails":{"name":"Rest","input":"{\\"name\\":\\"variables\\",\\"items\\":[{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"}]}","inputDetails":{"truncated":false}}}]
3	1	5	[{"id":1,"previousEventId":0,"timestamp":1795971790.048,"type":"ExecutionStarted","executionStartedEventDetails":{"input":"{\\"name\\" : \\"retry\\", \\"items\\" : [{\\"name\\" : \\"item\\"}, {\\"name\\" : \\"item\\"}, {\\"name\\" : \\"item\\"}]}","inputDetails":{"truncated":false},"roleArn":"arn:aws:iam::000000000000:role/half_done"}},{"id":2,"previousEventId":0,"timestamp":1795971790.048,"type":"TaskStateEntered","stateEnteredEventDetails":{"name":"First","input":"{\\"name\\":\\"retry\\",\\"items\\":[{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"}]}","inputDetails":{"truncated":false}}},{"id":3,"previousEventId":2,"timestamp":1795971790.048,"type":"TaskScheduled","taskScheduledEventDetails":{"resourceType":"sql","resource":"public.may","region":"us-east-1","parameters":"{\\"name\\":\\"retry\\",\\"items\\":[{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"}]}"}},{"id":4,"previousEventId":3,"timestamp":1795971790.048,"type":"TaskStarted","taskStartedEventDetails":{"resourceType":"sql","resource":"public.may"}},{"id":5,"previousEventId":4,"timestamp":1795971790.048,"type":"TaskFailed","taskFailedEventDetails":{"resourceType":"sql","resource":"public.may","error":"Sql.no_data_found","cause":"{\\"message\\":\\"not yet\\",\\"context\\":\\"PL/pgSQL function may(json) line 4 at RAISE\\\\nSQL statement \\\\\\"SELECT public.may($1)\\\\\\"\\",\\"sqlstate\\":\\"P0002\\"}"}}]
4	1	6	[{"id":1,"previousEventId":0,"timestamp":1795971790.048,"type":"ExecutionStarted","executionStartedEventDetails":{"input":"{\\"name\\" : \\"redriven\\", \\"items\\" : [{\\"name\\" : \\"item\\"}, {\\"name\\" : \\"item\\"}, {\\"name\\" : \\"item\\"}]}","inputDetails":{"truncated":false},"roleArn":"arn:aws:iam::000000000000:role/half_done"}},{"id":2,"previousEventId":0,"timestamp":1795971790.048,"type":"TaskStateEntered","stateEnteredEventDetails":{"name":"First","input":"{\\"name\\":\\"redriven\\",\\"items\\":[{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"}]}","inputDetails":{"truncated":false}}},{"id":3,"previousEventId":2,"timestamp":1795971790.048,"type":"TaskScheduled","taskScheduledEventDetails":{"resourceType":"sql","resource":"public.may","region":"us-east-1","parameters":"{\\"name\\":\\"redriven\\",\\"items\\":[{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"}]}"}},{"id":4,"previousEventId":3,"timestamp":1795971790.048,"type":"TaskStarted","taskStartedEventDetails":{"resourceType":"sql","resource":"public.may"}},{"id":5,"previousEventId":4,"timestamp":1795971790.048,"type":"TaskFailed","taskFailedEventDetails":{"resourceType":"sql","resource":"public.may","error":"Sql.no_data_found","cause":"{\\"message\\":\\"not yet\\",\\"context\\":\\"PL/pgSQL function may(json) line 4 at RAISE\\\\nSQL statement \\\\\\"SELECT public.may($1)\\\\\\"\\",\\"sqlstate\\":\\"P0002\\"}"}},{"id":6,"previousEventId":5,"timestamp":1795971790.048,"type":"ExecutionFailed","executionFailedEventDetails":{"error":"Sql.no_data_found","cause":"{\\"message\\":\\"not yet\\",\\"context\\":\\"PL/pgSQL function may(json) line 4 at RAISE\\\\nSQL statement \\\\\\"SELECT public.may($1)\\\\\\"\\",\\"sqlstate\\":\\"P0002\\"}"}}]
5	1	5	[{"id":1,"previousEventId":0,"timestamp":1795971790.048,"type":"ExecutionStarted","executionStartedEventDetails":{"input":"{\\"name\\" : \\"token\\", \\"items\\" : [{\\"name\\" : \\"item\\"}, {\\"name\\" : \\"item\\"}, {\\"name\\" : \\"item\\"}]}","inputDetails":{"truncated":false},"roleArn":"arn:aws:iam::000000000000:role/half_done"}},{"id":2,"previousEventId":0,"timestamp":1795971790.048,"type":"TaskStateEntered","stateEnteredEventDetails":{"name":"First","input":"{\\"name\\":\\"token\\",\\"items\\":[{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"}]}","inputDetails":{"truncated":false}}},{"id":3,"previousEventId":2,"timestamp":1795971790.048,"type":"TaskScheduled","taskScheduledEventDetails":{"resourceType":"sql","resource":"call.waitForTaskToken","region":"us-east-1","parameters":"{\\"Function\\":\\"public.keep\\",\\"Args\\":{\\"name\\":\\"token\\",\\"token\\":\\"AAAAAAAAAAWZdnY0+r+nr1yNBG6KrG7eoSpZu4BHH9dQ\\"}}","timeoutInSeconds":99999999,"heartbeatInSeconds":9999999}},{"id":4,"previousEventId":3,"timestamp":1795971790.048,"type":"TaskStarted","taskStartedEventDetails":{"resourceType":"sql","resource":"call.waitForTaskToken"}},{"id":5,"previousEventId":4,"timestamp":1795971790.048,"type":"TaskSubmitted","taskSubmittedEventDetails":{"resourceType":"sql","resource":"call.waitForTaskToken","output":"null","outputDetails":{"truncated":false}}}]
6	1	3	[{"id":1,"previousEventId":0,"timestamp":1795971790.048,"type":"ExecutionStarted","executionStartedEventDetails":{"input":"{\\"name\\" : \\"activity\\", \\"items\\" : [{\\"name\\" : \\"item\\"}, {\\"name\\" : \\"item\\"}, {\\"name\\" : \\"item\\"}]}","inputDetails":{"truncated":false},"roleArn":"arn:aws:iam::000000000000:role/half_done"}},{"id":2,"previousEventId":0,"timestamp":1795971790.048,"type":"TaskStateEntered","stateEnteredEventDetails":{"name":"First","input":"{\\"name\\":\\"activity\\",\\"items\\":[{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"}]}","inputDetails":{"truncated":false}}},{"id":3,"previousEventId":2,"timestamp":1795971790.048,"type":"ActivityScheduled","activityScheduledEventDetails":{"resource":"arn:aws:states:us-east-1:000000000000:activity:half_done","input":"{\\"name\\":\\"activity\\",\\"items\\":[{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"}]}","inputDetails":{"truncated":false},"timeoutInSeconds":99999999}}]
13	1	2	[{"id":1,"previousEventId":0,"timestamp":1795971790.048,"type":"ExecutionStarted","executionStartedEventDetails":{"input":"{\\"name\\" : \\"stopped\\", \\"items\\" : [{\\"name\\" : \\"item\\"}, {\\"name\\" : \\"item\\"}, {\\"name\\" : \\"item\\"}]}","inputDetails":{"truncated":false},"roleArn":"arn:aws:iam::000000000000:role/half_done"}},{"id":2,"previousEventId":0,"timestamp":1795971790.048,"type":"WaitStateEntered","stateEnteredEventDetails":{"name":"First","input":"{\\"name\\":\\"stopped\\",\\"items\\":[{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"}]}","inputDetails":{"truncated":false}}}]
7	1	3	[{"id":1,"previousEventId":0,"timestamp":1795971790.048,"type":"ExecutionStarted","executionStartedEventDetails":{"input":"{\\"name\\" : \\"taken\\", \\"items\\" : [{\\"name\\" : \\"item\\"}, {\\"name\\" : \\"item\\"}, {\\"name\\" : \\"item\\"}]}","inputDetails":{"truncated":false},"roleArn":"arn:aws:iam::000000000000:role/half_done"}},{"id":2,"previousEventId":0,"timestamp":1795971790.048,"type":"TaskStateEntered","stateEnteredEventDetails":{"name":"First","input":"{\\"name\\":\\"taken\\",\\"items\\":[{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"}]}","inputDetails":{"truncated":false}}},{"id":3,"previousEventId":2,"timestamp":1795971790.048,"type":"ActivityScheduled","activityScheduledEventDetails":{"resource":"arn:aws:states:us-east-1:000000000000:activity:taken","input":"{\\"name\\":\\"taken\\",\\"items\\":[{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"}]}","inputDetails":{"truncated":false},"timeoutInSeconds":99999999}}]
8	1	4	[{"id":1,"previousEventId":0,"timestamp":1795971790.048,"type":"ExecutionStarted","executionStartedEventDetails":{"input":"{\\"name\\" : \\"http\\", \\"items\\" : [{\\"name\\" : \\"item\\"}, {\\"name\\" : \\"item\\"}, {\\"name\\" : \\"item\\"}]}","inputDetails":{"truncated":false},"roleArn":"arn:aws:iam::000000000000:role/half_done"}},{"id":2,"previousEventId":0,"timestamp":1795971790.048,"type":"TaskStateEntered","stateEnteredEventDetails":{"name":"First","input":"{\\"name\\":\\"http\\",\\"items\\":[{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"}]}","inputDetails":{"truncated":false}}},{"id":3,"previousEventId":2,"timestamp":1795971790.048,"type":"TaskScheduled","taskScheduledEventDetails":{"resourceType":"http","resource":"invoke","region":"us-east-1","parameters":"{\\"ApiEndpoint\\":\\"http://127.0.0.1:1/\\",\\"Method\\":\\"GET\\"}"}},{"id":4,"previousEventId":3,"timestamp":1795971790.048,"type":"TaskStarted","taskStartedEventDetails":{"resourceType":"http","resource":"invoke"}}]
9	1	7	[{"id":1,"previousEventId":0,"timestamp":1795971790.048,"type":"ExecutionStarted","executionStartedEventDetails":{"input":"{\\"name\\" : \\"parallel\\", \\"items\\" : [{\\"name\\" : \\"item\\"}, {\\"name\\" : \\"item\\"}, {\\"name\\" : \\"item\\"}]}","inputDetails":{"truncated":false},"roleArn":"arn:aws:iam::000000000000:role/half_done"}},{"id":2,"previousEventId":0,"timestamp":1795971790.048,"type":"ParallelStateEntered","stateEnteredEventDetails":{"name":"First","input":"{\\"name\\":\\"parallel\\",\\"items\\":[{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"}]}","inputDetails":{"truncated":false}}},{"id":3,"previousEventId":2,"timestamp":1795971790.048,"type":"ParallelStateStarted"},{"id":4,"previousEventId":3,"timestamp":1795971790.048,"type":"WaitStateEntered","stateEnteredEventDetails":{"name":"Rest","input":"{\\"name\\":\\"parallel\\",\\"items\\":[{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"}]}","inputDetails":{"truncated":false}}},{"id":5,"previousEventId":3,"timestamp":1795971790.048,"type":"PassStateEntered","stateEnteredEventDetails":{"name":"Now","input":"{\\"name\\":\\"parallel\\",\\"items\\":[{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"}]}","inputDetails":{"truncated":false}}},{"id":6,"previousEventId":5,"timestamp":1795971790.048,"type":"PassStateExited","stateExitedEventDetails":{"name":"Now","output":"{\\"name\\":\\"parallel\\",\\"items\\":[{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"}]}","outputDetails":{"truncated":false}}},{"id":7,"previousEventId":3,"timestamp":1795971790.048,"type":"WaitStateEntered","stateEnteredEventDetails":{"name":"Rest","input":"{\\"name\\":\\"parallel\\",\\"items\\":[{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"}]}","inputDetails":{"truncated":false}}}]
10	1	5	[{"id":1,"previousEventId":0,"timestamp":1795971790.048,"type":"ExecutionStarted","executionStartedEventDetails":{"input":"{\\"name\\" : \\"map\\", \\"items\\" : [{\\"name\\" : \\"item\\"}, {\\"name\\" : \\"item\\"}, {\\"name\\" : \\"item\\"}]}","inputDetails":{"truncated":false},"roleArn":"arn:aws:iam::000000000000:role/half_done"}},{"id":2,"previousEventId":0,"timestamp":1795971790.048,"type":"MapStateEntered","stateEnteredEventDetails":{"name":"First","input":"{\\"name\\":\\"map\\",\\"items\\":[{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"}]}","inputDetails":{"truncated":false}}},{"id":3,"previousEventId":2,"timestamp":1795971790.048,"type":"MapStateStarted","mapStateStartedEventDetails":{"length":3}},{"id":4,"previousEventId":3,"timestamp":1795971790.048,"type":"MapIterationStarted","mapIterationStartedEventDetails":{"name":"First","index":0}},{"id":5,"previousEventId":4,"timestamp":1795971790.048,"type":"WaitStateEntered","stateEnteredEventDetails":{"name":"Rest","input":"{\\"name\\":\\"item\\"}","inputDetails":{"truncated":false}}}]
11	1	4	[{"id":1,"previousEventId":0,"timestamp":1795971790.048,"type":"ExecutionStarted","executionStartedEventDetails":{"input":"{\\"name\\" : \\"distributed\\", \\"items\\" : [{\\"name\\" : \\"item\\"}, {\\"name\\" : \\"item\\"}, {\\"name\\" : \\"item\\"}]}","inputDetails":{"truncated":false},"roleArn":"arn:aws:iam::000000000000:role/half_done"}},{"id":2,"previousEventId":0,"timestamp":1795971790.048,"type":"MapStateEntered","stateEnteredEventDetails":{"name":"First","input":"{\\"name\\":\\"distributed\\",\\"items\\":[{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"}]}","inputDetails":{"truncated":false}}},{"id":3,"previousEventId":2,"timestamp":1795971790.048,"type":"MapStateStarted","mapStateStartedEventDetails":{"length":3}},{"id":4,"previousEventId":3,"timestamp":1795971790.048,"type":"MapRunStarted","mapRunStartedEventDetails":{"mapRunArn":"arn:aws:states:us-east-1:000000000000:mapRun:distributed/many:db1944f0-0619-42ef-b154-648397392c8f"}}]
12	1	5	[{"id":1,"previousEventId":0,"timestamp":1795971790.048,"type":"ExecutionStarted","executionStartedEventDetails":{"input":"{\\"name\\" : \\"parent\\", \\"items\\" : [{\\"name\\" : \\"item\\"}, {\\"name\\" : \\"item\\"}, {\\"name\\" : \\"item\\"}]}","inputDetails":{"truncated":false},"roleArn":"arn:aws:iam::000000000000:role/half_done"}},{"id":2,"previousEventId":0,"timestamp":1795971790.048,"type":"TaskStateEntered","stateEnteredEventDetails":{"name":"First","input":"{\\"name\\":\\"parent\\",\\"items\\":[{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"},{\\"name\\":\\"item\\"}]}","inputDetails":{"truncated":false}}},{"id":3,"previousEventId":2,"timestamp":1795971790.048,"type":"TaskScheduled","taskScheduledEventDetails":{"resourceType":"states","resource":"startExecution.sync","region":"us-east-1","parameters":"{\\"StateMachineArn\\":\\"arn:aws:states:us-east-1:000000000000:stateMachine:wait\\",\\"Input\\":{\\"name\\":\\"child\\"}}"}},{"id":4,"previousEventId":3,"timestamp":1795971790.048,"type":"TaskStarted","taskStartedEventDetails":{"resourceType":"states","resource":"startExecution.sync"}},{"id":5,"previousEventId":4,"timestamp":1795971790.048,"type":"TaskSubmitted","taskSubmittedEventDetails":{"resourceType":"states","resource":"startExecution.sync","output":"{\\"ExecutionArn\\":\\"arn:aws:states:us-east-1:000000000000:execution:wait:fff00000-0000-8000-8008-ad5bb1fe5ff6\\",\\"SdkHttpMetadata\\":{\\"HttpHeaders\\":{\\"Content-Type\\":\\"application/x-amz-json-1.0\\",\\"x-amzn-RequestId\\":\\"0e5bdaf4-f524-4983-ade4-b80a2011b01f\\"},\\"HttpStatusCode\\":200},\\"SdkResponseMetadata\\":{\\"RequestId\\":\\"0e5bdaf4-f524-4983-ade4-b80a2011b01f\\"},\\"StartDate\\":1795971790048}","outputDetails":{"truncated":false}}}]
14	1	2	[{"id":1,"previousEventId":0,"timestamp":1795971790.048,"type":"ExecutionStarted","executionStartedEventDetails":{"input":"{\\"name\\": \\"version\\"}","inputDetails":{"truncated":false},"roleArn":"arn:aws:iam::000000000000:role/half_done","stateMachineVersionArn":"arn:aws:states:us-east-1:000000000000:stateMachine:wait:1"}},{"id":2,"previousEventId":0,"timestamp":1795971790.048,"type":"WaitStateEntered","stateEnteredEventDetails":{"name":"First","input":"{\\"name\\":\\"version\\"}","inputDetails":{"truncated":false}}}]
15	1	2	[{"id":1,"previousEventId":0,"timestamp":1795971790.048,"type":"ExecutionStarted","executionStartedEventDetails":{"input":"{\\"name\\":\\"item\\"}","inputDetails":{"truncated":false},"roleArn":"arn:aws:iam::000000000000:role/half_done"}},{"id":2,"previousEventId":0,"timestamp":1795971790.048,"type":"WaitStateEntered","stateEnteredEventDetails":{"name":"Rest","input":"{\\"name\\":\\"item\\"}","inputDetails":{"truncated":false}}}]
16	1	2	[{"id":1,"previousEventId":0,"timestamp":1795971790.048,"type":"ExecutionStarted","executionStartedEventDetails":{"input":"{\\"name\\":\\"item\\"}","inputDetails":{"truncated":false},"roleArn":"arn:aws:iam::000000000000:role/half_done"}},{"id":2,"previousEventId":0,"timestamp":1795971790.048,"type":"WaitStateEntered","stateEnteredEventDetails":{"name":"Rest","input":"{\\"name\\":\\"item\\"}","inputDetails":{"truncated":false}}}]
17	1	2	[{"id":1,"previousEventId":0,"timestamp":1795971790.048,"type":"ExecutionStarted","executionStartedEventDetails":{"input":"{\\"name\\":\\"child\\"}","inputDetails":{"truncated":false},"roleArn":"arn:aws:iam::000000000000:role/half_done"}},{"id":2,"previousEventId":0,"timestamp":1795971790.048,"type":"WaitStateEntered","stateEnteredEventDetails":{"name":"First","input":"{\\"name\\":\\"child\\"}","inputDetails":{"truncated":false}}}]
7	4	4	[{"id":4,"previousEventId":3,"timestamp":1795971790.048,"type":"ActivityStarted","activityStartedEventDetails":{"workerName":"me"}}]
\.


--
-- Data for Name: http_allowed_host; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.http_allowed_host (host, role, note) FROM stdin;
\.


--
-- Data for Name: inbox; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.inbox (id, execution_id, due, branch, visit, attempt, kind, timer, payload) FROM stdin;
18	1	2026-11-29 17:03:15.048519+00	0	1	0	3	1	\N
19	2	2026-11-29 17:03:15.048519+00	0	2	0	3	1	\N
20	3	2026-11-29 17:03:15.048519+00	0	1	1	3	2	\N
21	5	2027-03-25 10:49:49.048519+00	0	1	0	3	4	\N
22	5	2030-01-30 02:49:49.048519+00	0	1	0	3	3	\N
23	9	2026-11-29 17:03:15.048519+00	3	1	0	3	1	\N
24	9	2026-11-29 17:03:15.048519+00	1	1	0	3	1	\N
25	10	2026-11-29 17:03:15.048519+00	1	1	0	3	1	\N
26	13	2030-01-30 02:49:49.048519+00	0	1	0	3	1	\N
27	14	2026-11-29 17:03:15.048519+00	0	1	0	3	1	\N
28	15	2026-11-29 17:03:15.048519+00	0	1	0	3	1	\N
29	16	2026-11-29 17:03:15.048519+00	0	1	0	3	1	\N
30	17	2026-11-29 17:03:15.048519+00	0	1	0	3	1	\N
32	7	2030-01-30 02:49:49.048519+00	0	1	0	3	3	\N
33	18	2026-11-29 17:03:10.048519+00	0	0	0	1	0	\N
34	13	2026-11-29 17:03:10.048519+00	0	1	0	10	0	{}
35	4	2026-11-29 17:03:10.048519+00	0	0	0	12	0	{}
\.


--
-- Data for Name: instance; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.instance (is_only, system_identifier, database_oid, instance_id, adopted_at) FROM stdin;
t	7713640096812686218	16384	9b3a2edf-7823-4af1-9b12-43ca6881c636	2026-11-29 17:03:10.061294+00
\.


--
-- Data for Name: job; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.job (task_id, resource, scope, remote_id, kept, role, role_arn, task_role, started, next_poll, polled_by, polls, missing, failing_since, last_error, cancels, events, is_woken) FROM stdin;
\.


--
-- Data for Name: link; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.link (link_id, kind, role, target, secret_hash, description, uses_left, creation_date, expiration_date) FROM stdin;
\.


--
-- Data for Name: log_delivery; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.log_delivery (state_machine_id, log_group, stream, events, last_sent, failures, last_error, last_error_date, next_attempt, sender) FROM stdin;
\.


--
-- Data for Name: log_event; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.log_event (id, state_machine_id, execution_name, redrive_count, first_id, log_date, events, unsent_from) FROM stdin;
\.


--
-- Data for Name: map_run; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.map_run (id, execution_id, branch, visit, attempt, name, label, state_machine_id, revision_id, status, start_date, stop_date, redrive_count, redrive_date, max_concurrency, tolerated_failure_count, tolerated_failure_percentage, is_loaded, is_finishing, item_count, child_count, started, succeeded, failed, timed_out, aborted, pending_redrive, items_started, items_succeeded, items_failed, items_timed_out, items_aborted, items_pending_redrive, results_written, plan, error, cause) FROM stdin;
1	11	0	1	0	db1944f0-0619-42ef-b154-648397392c8f	many	15	15	1	2026-11-29 17:03:10.048519+00	\N	0	\N	2	\N	\N	t	f	3	3	2	0	0	0	0	0	2	0	0	0	0	0	0	{"maxConcurrency":2,"name":"db1944f0-0619-42ef-b154-648397392c8f","label":"many","items":null}	\N	\N
\.


--
-- Data for Name: map_run_input; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.map_run_input (map_run_id, first_index, items, inputs) FROM stdin;
1	0	\N	[{"name":"item"},{"name":"item"},{"name":"item"}]
\.


--
-- Data for Name: mapped_role; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.mapped_role (role_arn, role) FROM stdin;
\.


--
-- Data for Name: queue; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.queue (id, name, owner, visibility_timeout, delay, dead_letter_queue_id, max_receive_count, deduplicates_content, creation_date) FROM stdin;
\.


--
-- Data for Name: queue_deduplication; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.queue_deduplication (queue_id, deduplication_id, message_id, sequence, sent) FROM stdin;
\.


--
-- Data for Name: queue_group_run; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.queue_group_run (queue_id, message_group, execution_id) FROM stdin;
\.


--
-- Data for Name: queue_message; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.queue_message (id, queue_id, visible_at, message_id, sent, first_received, receive_count, receipt, attributes, message_group, deduplication_id, body) FROM stdin;
\.


--
-- Data for Name: queue_source; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.queue_source (id, queue_id, url, credentials, is_enabled, messages, last_message, failures, last_error, last_error_date, next_poll, polled_by, attempt, creation_date) FROM stdin;
\.


--
-- Data for Name: queue_source_message; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.queue_source_message (source_id, message_id, receipt_handle, delete_after, seen) FROM stdin;
\.


--
-- Data for Name: queue_trigger; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.queue_trigger (queue_id, owner, state_machine, batch_size, batch_window, max_concurrency, is_enabled, paused_until, running, starts, messages, last_start, last_error, last_error_date, creation_date) FROM stdin;
\.


--
-- Data for Name: queue_use; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.queue_use (queue_id, role, grantor, grant_date) FROM stdin;
\.


--
-- Data for Name: quota; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.quota (role, open_executions, payload_bytes, stored_bytes, starts_per_second, http_per_second) FROM stdin;
half_done	1000	\N	\N	\N	\N
\.


--
-- Data for Name: redrive_token; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.redrive_token (execution_id, token, redrive_date) FROM stdin;
\.


--
-- Data for Name: schedule; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.schedule (id, group_name, name, owner, role, expression, timezone, start_date, end_date, flexible, target, input, retry, aws_members, catch_up, deletes_itself, is_enabled, disabled_reason, rule_id, machine_id, due, next_due, last_due, runs, missed, description, client_token, creation_date, last_modification_date) FROM stdin;
\.


--
-- Data for Name: schedule_group; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.schedule_group (id, name, owner, creation_date) FROM stdin;
\.


--
-- Data for Name: schedule_group_tag; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.schedule_group_tag (group_id, key, value) FROM stdin;
\.


--
-- Data for Name: secret; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.secret (kind, name, secret, token_hash) FROM stdin;
\.


--
-- Data for Name: service; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.service (name, prefix, protocol, operations, source, loaded, facts) FROM stdin;
\.


--
-- Data for Name: service_endpoint; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.service_endpoint (service, region, url) FROM stdin;
\.


--
-- Data for Name: shard_change; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.shard_change (seq, revision_id, applied) FROM stdin;
\.


--
-- Data for Name: shard_map; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.shard_map (shard, version, server_start) FROM stdin;
\.


--
-- Data for Name: state_machine; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.state_machine (id, name, type, status, role, creator, revision_id, creation_date, update_date, last_version, map_of) FROM stdin;
1	not_begun	STANDARD	ACTIVE	half_done	postgres	1	2026-11-29 17:03:10.048519+00	\N	0	\N
3	variables	STANDARD	ACTIVE	half_done	postgres	3	2026-11-29 17:03:10.048519+00	\N	0	\N
4	retry	STANDARD	ACTIVE	half_done	postgres	4	2026-11-29 17:03:10.048519+00	\N	0	\N
5	redriven	STANDARD	ACTIVE	half_done	postgres	5	2026-11-29 17:03:10.048519+00	\N	0	\N
6	token	STANDARD	ACTIVE	half_done	postgres	6	2026-11-29 17:03:10.048519+00	\N	0	\N
7	activity	STANDARD	ACTIVE	half_done	postgres	7	2026-11-29 17:03:10.048519+00	\N	0	\N
8	taken	STANDARD	ACTIVE	half_done	postgres	8	2026-11-29 17:03:10.048519+00	\N	0	\N
9	http	STANDARD	ACTIVE	half_done	postgres	9	2026-11-29 17:03:10.048519+00	\N	0	\N
10	parallel	STANDARD	ACTIVE	half_done	postgres	10	2026-11-29 17:03:10.048519+00	\N	0	\N
11	map	STANDARD	ACTIVE	half_done	postgres	11	2026-11-29 17:03:10.048519+00	\N	0	\N
12	distributed	STANDARD	ACTIVE	half_done	postgres	12	2026-11-29 17:03:10.048519+00	\N	0	\N
13	parent	STANDARD	ACTIVE	half_done	postgres	13	2026-11-29 17:03:10.048519+00	\N	0	\N
14	stopped	STANDARD	ACTIVE	half_done	postgres	14	2026-11-29 17:03:10.048519+00	\N	0	\N
2	wait	STANDARD	ACTIVE	half_done	postgres	2	2026-11-29 17:03:10.048519+00	\N	1	\N
15	distributed/many	STANDARD	ACTIVE	half_done	postgres	15	2026-11-29 17:03:10.087312+00	\N	0	12
\.


--
-- Data for Name: state_machine_alias; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.state_machine_alias (state_machine_id, name, description, first_version, first_weight, second_version, creation_date, update_date) FROM stdin;
\.


--
-- Data for Name: state_machine_grant; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.state_machine_grant (state_machine_id, grantee, privilege, grantor, grant_date) FROM stdin;
2	half_done	start	postgres	2026-11-29 17:03:10.048519+00
\.


--
-- Data for Name: state_machine_revision; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.state_machine_revision (id, state_machine_id, revision_id, definition, role, role_arn, logging, tracing, priority, retention, failures_for, children_for, creation_date) FROM stdin;
1	1	1409e8e6-8316-476c-9c97-7c1c19c9a973	{"StartAt": "First", "States": {"First": {"Type": "Pass", "Next": "Work"}, "Work": {"Type": "Task", "Resource": "sql:public.work", "End": true}}}	half_done	arn:aws:iam::000000000000:role/half_done	\N	\N	\N	\N	\N	\N	2026-11-29 17:03:10.048519+00
2	2	ef95123a-f755-420e-a65e-c035589bf9cb	{"StartAt": "First", "States": {"First": {"Type": "Wait", "Seconds": 5, "Next": "Which"},\n\t"Which": {"Type": "Choice", "Choices": [{"Variable": "$.name", "IsPresent": true, "Next": "Pass"}], "Default": "No"}, "No": {"Type": "Fail"},\n\t"Pass": {"Type": "Pass", "Next": "Done"}, "Done": {"Type": "Succeed"}}}	half_done	arn:aws:iam::000000000000:role/half_done	\N	\N	\N	\N	\N	\N	2026-11-29 17:03:10.048519+00
3	3	422f838d-ffd2-43c8-8d58-2e4d4472992d	{"StartAt": "First", "States": {"First": {"Type": "Pass", "QueryLanguage": "JSONata", "Assign": {"kept": "{% $states.input.name %}"}, "Next": "Rest"},\n\t"Rest": {"Type": "Wait", "Seconds": 5, "Next": "Last"},\n\t"Last": {"Type": "Task", "QueryLanguage": "JSONata", "Resource": "sql:public.work", "Arguments": {"name": "{% $kept %}"}, "End": true}}}	half_done	arn:aws:iam::000000000000:role/half_done	\N	\N	\N	\N	\N	\N	2026-11-29 17:03:10.048519+00
4	4	dbf33238-fd75-4aa1-b656-0a98fba6cf0b	{"StartAt": "First", "States": {"First": {"Type": "Task", "Resource": "sql:public.may", "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 5}], "End": true}}}	half_done	arn:aws:iam::000000000000:role/half_done	\N	\N	\N	\N	\N	\N	2026-11-29 17:03:10.048519+00
5	5	5d1720d0-271b-4014-bfad-60cbcff0e048	{"StartAt": "First", "States": {"First": {"Type": "Task", "Resource": "sql:public.may", "End": true}}}	half_done	arn:aws:iam::000000000000:role/half_done	\N	\N	\N	\N	\N	\N	2026-11-29 17:03:10.048519+00
6	6	39d8baba-ed14-48b5-96d5-d00c880826ab	{"StartAt": "First", "States": {"First": {"Type": "Task", "Resource": "arn:aws:states:::sql:call.waitForTaskToken",\n\t"Parameters": {"Function": "public.keep", "Args": {"name": "token", "token.$": "$$.Task.Token"}}, "TimeoutSeconds": 99999999, "HeartbeatSeconds": 9999999, "Next": "Work"}, "Work": {"Type": "Task", "Resource": "sql:public.work", "End": true}}}	half_done	arn:aws:iam::000000000000:role/half_done	\N	\N	\N	\N	\N	\N	2026-11-29 17:03:10.048519+00
7	7	ac1f136d-8f1a-4d95-88c7-ccfca59cacbe	{"StartAt": "First", "States": {"First": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:half_done", "TimeoutSeconds": 99999999, "Next": "Work"}, "Work": {"Type": "Task", "Resource": "sql:public.work", "End": true}}}	half_done	arn:aws:iam::000000000000:role/half_done	\N	\N	\N	\N	\N	\N	2026-11-29 17:03:10.048519+00
8	8	3a145b96-26c7-4aea-b6f8-db888ddff920	{"StartAt": "First", "States": {"First": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:taken", "TimeoutSeconds": 99999999, "Next": "Work"}, "Work": {"Type": "Task", "Resource": "sql:public.work", "End": true}}}	half_done	arn:aws:iam::000000000000:role/half_done	\N	\N	\N	\N	\N	\N	2026-11-29 17:03:10.048519+00
9	9	4ce59b63-23cc-4876-921d-763fcf678d5f	{"StartAt": "First", "States": {"First": {"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "Parameters": {"ApiEndpoint": "http://127.0.0.1:1/", "Method": "GET"},\n\t"Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": null, "Next": "Work"}], "End": true}, "Work": {"Type": "Task", "Resource": "sql:public.work", "End": true}}}	half_done	arn:aws:iam::000000000000:role/half_done	\N	\N	\N	\N	\N	\N	2026-11-29 17:03:10.048519+00
10	10	1eb0cc75-ca7f-474b-b726-5828b3e1abac	{"StartAt": "First", "States": {"First": {"Type": "Parallel", "Branches": [{"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "Next": "Work"}, "Work": {"Type": "Task", "Resource": "sql:public.work", "End": true}}}, {"StartAt": "Now", "States": {"Now": {"Type": "Pass", "End": true}}}, {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "Next": "Work"}, "Work": {"Type": "Task", "Resource": "sql:public.work", "End": true}}}], "End": true}}}	half_done	arn:aws:iam::000000000000:role/half_done	\N	\N	\N	\N	\N	\N	2026-11-29 17:03:10.048519+00
11	11	8a008a8f-5da5-4048-85f5-d147949337d0	{"StartAt": "First", "States": {"First": {"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 1, "ItemProcessor": {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "Next": "Work"}, "Work": {"Type": "Task", "Resource": "sql:public.work", "End": true}}}, "End": true}}}	half_done	arn:aws:iam::000000000000:role/half_done	\N	\N	\N	\N	\N	\N	2026-11-29 17:03:10.048519+00
12	12	1428ef3c-e023-4e44-8376-176ed15273f0	{"StartAt": "First", "States": {"First": {"Type": "Map", "Label": "many", "ItemsPath": "$.items", "MaxConcurrency": 2,\n\t"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "Next": "Work"}, "Work": {"Type": "Task", "Resource": "sql:public.work", "End": true}}}, "End": true}}}	half_done	arn:aws:iam::000000000000:role/half_done	\N	\N	\N	\N	\N	\N	2026-11-29 17:03:10.048519+00
13	13	ec18244d-570c-4a0e-9171-deeb3294231b	{"StartAt": "First", "States": {"First": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync",\n\t"Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:wait", "Input": {"name": "child"}}, "Next": "Work"}, "Work": {"Type": "Task", "Resource": "sql:public.work", "End": true}}}	half_done	arn:aws:iam::000000000000:role/half_done	\N	\N	\N	\N	\N	\N	2026-11-29 17:03:10.048519+00
14	14	455d6678-e783-4c7e-9e75-bd6a90ff9c27	{"StartAt": "First", "States": {"First": {"Type": "Wait", "Seconds": 99999999, "End": true}}}	half_done	arn:aws:iam::000000000000:role/half_done	\N	\N	\N	\N	\N	\N	2026-11-29 17:03:10.048519+00
15	15	5f9e0a04-383a-4571-98f1-db6307116102	{"StartAt":"Rest","States":{"Rest":{"Type":"Wait","Seconds":5,"Next":"Work"},"Work":{"Type":"Task","Resource":"sql:public.work","End":true}}}	half_done	arn:aws:iam::000000000000:role/half_done	\N	\N	\N	\N	\N	\N	2026-11-29 17:03:10.087923+00
\.


--
-- Data for Name: state_machine_version; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.state_machine_version (state_machine_id, number, revision_id, description, creation_date) FROM stdin;
2	1	2		2026-11-29 17:03:10.048519+00
\.


--
-- Data for Name: tag; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.tag (state_machine_id, key, value) FROM stdin;
2	kept	tag
\.


--
-- Data for Name: task; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.task (id, execution_id, branch, visit, attempt, kind, state, activity_id, child_execution_id, role, timeout_seconds, heartbeat_seconds, created, taken_at, taken_by, worker_name, token, resource, parameters, host) FROM stdin;
1	5	0	1	0	3	3	\N	\N	half_done	99999999	9999999	2026-11-29 17:03:10.048519+00	\N	\N	\N	AAAAAAAAAAWZdnY0+r+nr1yNBG6KrG7eoSpZu4BHH9dQ	arn:aws:states:::sql:call.waitForTaskToken	\N	\N
2	11	0	1	0	5	3	\N	1	half_done	0	0	2026-11-29 17:03:10.048519+00	\N	\N	\N	\N	arn:aws:states:us-east-1:000000000000:mapRun:distributed/many:db1944f0-0619-42ef-b154-648397392c8f	\N	\N
3	6	0	1	0	2	1	1	\N	half_done	99999999	0	2026-11-29 17:03:10.048519+00	\N	\N	\N	AAAAAAAAAAb/QpPslH0fSeh7pi8Lm9IU9+SRYCkxudqo	arn:aws:states:us-east-1:000000000000:activity:half_done	{"name":"activity","items":[{"name":"item"},{"name":"item"},{"name":"item"}]}	\N
5	8	0	1	0	1	1	\N	\N	half_done	0	0	2026-11-29 17:03:10.048519+00	\N	\N	\N	\N	arn:aws:states:::http:invoke	{"http":"invoke","input":{"ApiEndpoint":"http://127.0.0.1:1/","Method":"GET"}}	127.0.0.1:1
6	12	0	1	0	4	3	\N	17	half_done	0	0	2026-11-29 17:03:10.048519+00	\N	\N	\N	AAAAAAAAAAzt7Nv4Ce7BxSs9w78nl5RVR9QR3Qv2wb5d	arn:aws:states:::states:startExecution.sync	{"StateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:wait","Input":{"name":"child"}}	\N
4	7	0	1	0	2	2	2	\N	half_done	99999999	0	2026-11-29 17:03:10.048519+00	2026-11-29 17:03:10.048519+00	\N	me	AAAAAAAAAAdUWWUFDw46TDCSV9rQi8G4Db5BkjfsycSv	arn:aws:states:us-east-1:000000000000:activity:taken	{"name":"taken","items":[{"name":"item"},{"name":"item"},{"name":"item"}]}	\N
\.


--
-- Data for Name: trust; Type: TABLE DATA; Schema: sfn; Owner: -
--

COPY sfn.trust (kind, object_id, owner, role, grantor, grant_date) FROM stdin;
\.


--
-- Name: activity_id_seq; Type: SEQUENCE SET; Schema: sfn; Owner: -
--

SELECT pg_catalog.setval('sfn.activity_id_seq', 2, true);


--
-- Name: archive_count_id_seq; Type: SEQUENCE SET; Schema: sfn; Owner: -
--

SELECT pg_catalog.setval('sfn.archive_count_id_seq', 1, false);


--
-- Name: archived_event_id_seq; Type: SEQUENCE SET; Schema: sfn; Owner: -
--

SELECT pg_catalog.setval('sfn.archived_event_id_seq', 1, false);


--
-- Name: bucket_id_seq; Type: SEQUENCE SET; Schema: sfn; Owner: -
--

SELECT pg_catalog.setval('sfn.bucket_id_seq', 1, false);


--
-- Name: connection_id_seq; Type: SEQUENCE SET; Schema: sfn; Owner: -
--

SELECT pg_catalog.setval('sfn.connection_id_seq', 1, false);


--
-- Name: event_archive_id_seq; Type: SEQUENCE SET; Schema: sfn; Owner: -
--

SELECT pg_catalog.setval('sfn.event_archive_id_seq', 1, false);


--
-- Name: event_bus_id_seq; Type: SEQUENCE SET; Schema: sfn; Owner: -
--

SELECT pg_catalog.setval('sfn.event_bus_id_seq', 1, false);


--
-- Name: event_dead_letter_id_seq; Type: SEQUENCE SET; Schema: sfn; Owner: -
--

SELECT pg_catalog.setval('sfn.event_dead_letter_id_seq', 1, false);


--
-- Name: event_notice_id_seq; Type: SEQUENCE SET; Schema: sfn; Owner: -
--

SELECT pg_catalog.setval('sfn.event_notice_id_seq', 1, false);


--
-- Name: event_replay_id_seq; Type: SEQUENCE SET; Schema: sfn; Owner: -
--

SELECT pg_catalog.setval('sfn.event_replay_id_seq', 1, false);


--
-- Name: event_rule_id_seq; Type: SEQUENCE SET; Schema: sfn; Owner: -
--

SELECT pg_catalog.setval('sfn.event_rule_id_seq', 1, false);


--
-- Name: execution_id_seq; Type: SEQUENCE SET; Schema: sfn; Owner: -
--

SELECT pg_catalog.setval('sfn.execution_id_seq', 18, true);


--
-- Name: function_id_seq; Type: SEQUENCE SET; Schema: sfn; Owner: -
--

SELECT pg_catalog.setval('sfn.function_id_seq', 1, false);


--
-- Name: inbox_id_seq; Type: SEQUENCE SET; Schema: sfn; Owner: -
--

SELECT pg_catalog.setval('sfn.inbox_id_seq', 35, true);


--
-- Name: log_event_id_seq; Type: SEQUENCE SET; Schema: sfn; Owner: -
--

SELECT pg_catalog.setval('sfn.log_event_id_seq', 1, false);


--
-- Name: map_run_id_seq; Type: SEQUENCE SET; Schema: sfn; Owner: -
--

SELECT pg_catalog.setval('sfn.map_run_id_seq', 1, true);


--
-- Name: queue_id_seq; Type: SEQUENCE SET; Schema: sfn; Owner: -
--

SELECT pg_catalog.setval('sfn.queue_id_seq', 1, false);


--
-- Name: queue_message_id_seq; Type: SEQUENCE SET; Schema: sfn; Owner: -
--

SELECT pg_catalog.setval('sfn.queue_message_id_seq', 1, false);


--
-- Name: queue_source_id_seq; Type: SEQUENCE SET; Schema: sfn; Owner: -
--

SELECT pg_catalog.setval('sfn.queue_source_id_seq', 1, false);


--
-- Name: schedule_group_id_seq; Type: SEQUENCE SET; Schema: sfn; Owner: -
--

SELECT pg_catalog.setval('sfn.schedule_group_id_seq', 1, false);


--
-- Name: schedule_id_seq; Type: SEQUENCE SET; Schema: sfn; Owner: -
--

SELECT pg_catalog.setval('sfn.schedule_id_seq', 1, false);


--
-- Name: state_machine_id_seq; Type: SEQUENCE SET; Schema: sfn; Owner: -
--

SELECT pg_catalog.setval('sfn.state_machine_id_seq', 15, true);


--
-- Name: state_machine_revision_id_seq; Type: SEQUENCE SET; Schema: sfn; Owner: -
--

SELECT pg_catalog.setval('sfn.state_machine_revision_id_seq', 15, true);


--
-- Name: task_id_seq; Type: SEQUENCE SET; Schema: sfn; Owner: -
--

SELECT pg_catalog.setval('sfn.task_id_seq', 6, true);


--
-- Name: TABLE allowed; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.allowed TO half_done;


--
-- Name: TABLE effect; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.effect TO half_done;


--
-- Name: TABLE token; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.token TO half_done;


--
-- Name: TABLE owned_objects; Type: ACL; Schema: sfn; Owner: -
--

GRANT SELECT ON TABLE sfn.owned_objects TO half_done;


--
-- PostgreSQL database dump complete
--

\unrestrict atXmV4NxPK5Dn3BWN8gLcZtM3M0lEM4xbwVSYVVshAdEJGilOXAh7iZhrZW8QZg

