#!lua
-- Makes a device the owner of a token. The epoch orders claims: the latest one wins, in whatever order the devices are
-- written. Former owners stay listed until their devices have lost the token, so the next claim completes an
-- interrupted one.
local key, claimant = KEYS[1], ARGV[1]
local stored = redis.call('HMGET', key, 'owner', 'epoch')
local time = redis.call('TIME')
-- Derived from the clock, so that the key of a token without owners can be deleted.
local epoch = string.format('%.0f', math.max(time[1] * 1000000 + time[2], tonumber(stored[2] or '0') + 1))

redis.call('HSET', key, 'owner', claimant, 'epoch', epoch)
redis.call('HDEL', key, 'former:' .. claimant)
if stored[1] and stored[1] ~= claimant then redis.call('HSET', key, 'former:' .. stored[1], stored[2]) end

local former, fields = {}, redis.call('HGETALL', key)
for i = 1, #fields, 2 do
  if string.sub(fields[i], 1, 7) == 'former:' then former[#former + 1] = { string.sub(fields[i], 8), fields[i + 1] } end
end
return { epoch, former }
