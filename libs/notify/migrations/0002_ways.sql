-- While a server is away nobody looks again and again at what only it can send.
ALTER TABLE notification ADD COLUMN ways smallint NOT NULL DEFAULT 0;
COMMENT ON COLUMN notification.ways IS 'bits as of done: the ways that it goes, as last looked up; 0: not looked up yet';
