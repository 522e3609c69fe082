#!lua
-- Takes a free lock, or renews it for its holder. Returns 0 if another one holds it. 0 ms releases it.
local key, holder, ms = KEYS[1], ARGV[1], tonumber(ARGV[2])
local present = redis.call('GET', key)
if present and present ~= holder then return 0 end
if ms == 0 then
  redis.call('DEL', key)
else
  redis.call('SET', key, holder, 'PX', ms)
end
return 1
