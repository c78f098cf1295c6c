-- Interim answers are looked through, too. Those from before have no hash, and aren't counted.
COMMENT ON COLUMN response.words_hash IS 'Of answers, interim and final: the same for the same words';
