#!lua flags=no-writes
-- Returns the due times of due wakes, those due longest first, without taking them.
local limit = ARGV[2]
local instants = {}
local found = redis.call('ZRANGE', WAKES, '-inf', text(now), 'BYSCORE', 'LIMIT', 0, limit, 'WITHSCORES')
for i = 2, #found, 2 do instants[#instants + 1] = found[i] end
return instants
