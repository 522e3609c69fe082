#!lua flags=allow-oom
-- Removes the planned wake of a phone.
local phone = ARGV[2]
return redis.call('ZREM', WAKES, phone)
