#!lua flags=no-writes
-- Returns the number of pending pushes, and the loads of the queue and of each domain.
return { count_pending(), redis.call('HGETALL', LOADS) }
