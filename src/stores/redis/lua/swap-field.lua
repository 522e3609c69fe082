#!lua flags=allow-oom
-- Replaces a hash's field if nobody has changed it meanwhile. Empty: no such field.
local key, field, before, after = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
if (redis.call('HGET', key, field) or '') ~= before then return 0 end
if after == '' then
  redis.call('HDEL', key, field)
else
  redis.call('HSET', key, field, after)
end
return 1
