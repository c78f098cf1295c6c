-- Everything that an embedded text could trip over: ; "quotes" 'and' \backslashes\ ${CMAKE_NAME} @NAME@ [[brackets]] )sql"
CREATE TABLE shelf (
  id bigint PRIMARY KEY,
  label text NOT NULL DEFAULT 'a;b\c "d" ${e} @f@ [g]'
);
CREATE FUNCTION shelf_count() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT count(*) FROM shelf);
END;
$$;
