#!lua flags=allow-oom
-- Nothing is planned for the phone any more.
local phone = ARGV[2]
return redis.call('ZREM', WAKES, phone)
