#!lua flags=allow-oom
-- Removes the device as an owner of the token. A later claim stays, even one of the same device.
local key, device, epoch = KEYS[1], ARGV[1], ARGV[2]
local stored = redis.call('HMGET', key, 'owner', 'epoch')
if stored[1] ~= device or stored[2] ~= epoch then return 0 end
return redis.call('HDEL', key, 'owner', 'epoch')
