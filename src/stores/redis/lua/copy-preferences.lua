#!lua
-- Writes a copy of preferences, unless the present one is newer.
local key, version = KEYS[1], tonumber(ARGV[1])
if tonumber(redis.call('HGET', key, 'version') or '0') >= version then return 0 end
redis.call('DEL', key)
redis.call('HSET', key, 'version', ARGV[1], unpack(ARGV, 2))
return 1
