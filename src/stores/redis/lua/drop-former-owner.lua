#!lua flags=allow-oom
-- A former owner's device has lost the token; unless it had it once more meanwhile, it need not be looked at again.
local key, device, epoch = KEYS[1], ARGV[1], ARGV[2]
if redis.call('HGET', key, 'former:' .. device) ~= epoch then return 0 end
return redis.call('HDEL', key, 'former:' .. device)
