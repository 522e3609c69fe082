#!lua flags=allow-oom
-- Removes a wake, unless it was planned again or taken again; its due time is a different one then.
local phone, again_at = ARGV[2], tonumber(ARGV[3])
local due_at = redis.call('ZSCORE', WAKES, phone)
if not due_at or tonumber(due_at) ~= again_at then return 0 end
return redis.call('ZREM', WAKES, phone)
