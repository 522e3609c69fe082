#!lua flags=allow-oom
-- Removes a former owner whose device has lost the token, unless it has claimed the token again.
local key, device, epoch = KEYS[1], ARGV[1], ARGV[2]
if redis.call('HGET', key, 'former:' .. device) ~= epoch then return 0 end
return redis.call('HDEL', key, 'former:' .. device)
