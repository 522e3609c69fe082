#!lua flags=allow-oom
-- Replaces a hash field if it still has the expected value. Empty means that there is no such field.
local key, field, before, after = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
if (redis.call('HGET', key, field) or '') ~= before then return 0 end
if after == '' then
  redis.call('HDEL', key, field)
else
  redis.call('HSET', key, field, after)
end
return 1
