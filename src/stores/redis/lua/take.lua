#!lua flags=allow-oom
-- Leases up to `limit` due pushes: calls first, then those due longest.
local limit, lease_ms, batch = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local ends_at = text(now + lease_ms)
local leases = {}

local function take(name, id)
  local key = push_key(id)
  local stored = redis.call('HMGET', key, 'state', 'token', 'alone', 'lone_deaths')
  if stored[1] ~= 'pending' then
    -- The push was deleted by hand, so its queue entry and its load are removed, too.
    redis.call('ZREM', queue_key(name), id)
    redis.call('ZREM', WAITING, id)
    uncount_push(id)
    return
  end
  if stored[2] then
    -- The push was not handed back: its worker died or stalled.
    redis.call('HSET', key, 'lone_deaths', (stored[4] or 0) + (stored[3] and 1 or 0))
    redis.call('HDEL', key, 'alone')
  end
  local token = batch .. ':' .. #leases
  redis.call('HSET', key, 'token', token)
  redis.call('ZADD', queue_key(name), ends_at, id)
  redis.call('ZREM', WAITING, id)
  leases[#leases + 1] = { id, token, redis.call('HGETALL', key) }
end

for _, name in ipairs(QUEUES) do
  local wanted = limit - #leases
  if wanted > 0 then
    for _, id in ipairs(redis.call('ZRANGE', queue_key(name), '-inf', text(now), 'BYSCORE', 'LIMIT', 0, wanted)) do
      take(name, id)
    end
  end
end
return { ends_at, next_due() or '', leases }
