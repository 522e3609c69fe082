#!lua
-- Takes a lock that nobody has, or prolongs it for its holder; returns 0 if somebody else has it. 0 ms gives it back.
local key, holder, ms = KEYS[1], ARGV[1], tonumber(ARGV[2])
local present = redis.call('GET', key)
if present and present ~= holder then return 0 end
if ms == 0 then
  redis.call('DEL', key)
else
  redis.call('SET', key, holder, 'PX', ms)
end
return 1
