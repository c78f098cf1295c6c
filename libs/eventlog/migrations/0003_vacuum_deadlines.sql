-- A scan passes over the rows that have fired until they are vacuumed away. By default that is when they are a fifth of
-- all that are open, which among millions is too late.
ALTER TABLE deadline SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 10000);
