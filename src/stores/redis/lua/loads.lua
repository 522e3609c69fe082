#!lua flags=no-writes
-- How many pushes have not ended, and what waits of all and of each domain.
return { count_pending(), redis.call('HGETALL', LOADS) }
