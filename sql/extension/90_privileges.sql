-- Everybody may call the API and read the views; which state machines that reaches is decided row by row.
-- Functions are open to PUBLIC unless the file that makes them says otherwise.

GRANT USAGE ON SCHEMA sfn TO PUBLIC;
GRANT SELECT ON sfn.state_machines, sfn.executions, sfn.history, sfn.timers, sfn.pending_tasks, sfn.map_runs TO PUBLIC;
