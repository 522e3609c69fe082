#!lua flags=allow-oom
-- Ends a push that has not ended. Returns its state afterwards, or nothing if this shard has no such push.
local id, is_replicated = ARGV[2], ARGV[3] == '1'
local key = push_key(id)
local stored = redis.call('HMGET', key, 'state', 'states', 'token')
if not stored[1] then return false end
if stored[1] ~= 'pending' then
  mark_repeat(is_replicated)
  return stored[1]
end

local states, is_delivered = split(stored[2]), false
for i, state in ipairs(states) do
  if state == 'pending' then states[i] = 'cancelled' end
  if state == 'delivered' then is_delivered = true end
end
redis.call('HSET', key, 'states', table.concat(states, ' '))
redis.call('HDEL', key, 'token')

-- A phone that was woken stays woken, so the push was a success, although not on every phone.
if is_delivered then
  end_push(id, 'delivered', nil)
  return 'delivered'
end
-- The worker that held the push may have an attempt in flight whose outcome is not recorded, so the phone may ring.
end_push(id, 'cancelled', stored[3] and 'cancelled_in_flight' or 'cancelled_in_queue')
return 'cancelled'
