CREATE TABLE book (shelf bigint NOT NULL REFERENCES shelf)
