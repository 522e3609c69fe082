#!lua flags=allow-oom
-- Takes a wake off, unless it was planned anew since it was taken, or taken again: then it falls due at another instant.
local phone, again_at = ARGV[2], tonumber(ARGV[3])
local due_at = redis.call('ZSCORE', WAKES, phone)
if not due_at or tonumber(due_at) ~= again_at then return 0 end
return redis.call('ZREM', WAKES, phone)
