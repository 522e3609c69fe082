#!lua flags=allow-oom
-- The device has the token no more. A later claim stays, its own as well.
local key, device, epoch = KEYS[1], ARGV[1], ARGV[2]
local stored = redis.call('HMGET', key, 'owner', 'epoch')
if stored[1] ~= device or stored[2] ~= epoch then return 0 end
return redis.call('HDEL', key, 'owner', 'epoch')
