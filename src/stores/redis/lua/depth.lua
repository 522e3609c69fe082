#!lua flags=no-writes
-- Counts pending pushes, and those that workers hold. A push that is due later is leased, unless it waits for a retry.
local function count_later(key) return redis.call('ZCOUNT', key, '(' .. text(now), '+inf') end

local later = count_later(queue_key('calls')) + count_later(queue_key('others'))
return { count_pending(), later - count_later(WAITING) }
