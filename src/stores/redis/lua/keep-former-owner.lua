#!lua
-- Lists a device as a former owner: it was overtaken but may still have the token, so every later claim has to check
-- it.
local key, device, epoch = KEYS[1], ARGV[1], ARGV[2]
if redis.call('HGET', key, 'owner') == device then return 0 end
return redis.call('HSET', key, 'former:' .. device, epoch)
