#!lua flags=allow-oom
-- Renews leases that are still held, and returns the tokens of those that are not. A push that its holder has ended
-- does not count as lost: the holder may not know yet that the end was recorded, and asks again.
local ends_at = text(now + tonumber(ARGV[2]))
local lost = {}

for i = 3, #ARGV, 2 do
  local id, token = ARGV[i], ARGV[i + 1]
  local stored = redis.call('HMGET', push_key(id), 'token', 'state', 'queue')
  if stored[1] ~= token then
    lost[#lost + 1] = token
  elseif stored[2] == 'pending' then
    redis.call('ZADD', queue_key(stored[3]), ends_at, id)
  end
end
return lost
