#!lua
-- Changes preferences of one owner and returns all of them. `version` orders the copies in the other shards.
local key, is_copied = KEYS[1], ARGV[1] == '1'
for i = 2, #ARGV, 2 do
  local name, value = ARGV[i], ARGV[i + 1]
  if value == '' then
    redis.call('HDEL', key, name)
  else
    redis.call('HSET', key, name, string.sub(value, 2))
  end
end
if is_copied then redis.call('HINCRBY', key, 'version', 1) end
return redis.call('HGETALL', key)
