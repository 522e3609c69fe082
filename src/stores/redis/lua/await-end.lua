#!lua flags=allow-oom
-- Reads a push, and marks it as awaited if it has not ended.
local key = push_key(ARGV[2])
local fields = redis.call('HGETALL', key)
if redis.call('HGET', key, 'state') == 'pending' then redis.call('HSET', key, 'awaited', '1') end
return fields
