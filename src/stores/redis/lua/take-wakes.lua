#!lua flags=allow-oom
-- Takes up to `limit` due wakes, those due longest first. Each is due again later unless it is finished.
local limit, again_at = ARGV[2], text(now + tonumber(ARGV[3]))
local taken = {}
local found = redis.call('ZRANGE', WAKES, '-inf', text(now), 'BYSCORE', 'LIMIT', 0, limit, 'WITHSCORES')
for i = 1, #found, 2 do
  local phone, due_at = found[i], tonumber(found[i + 1])
  redis.call('ZADD', WAKES, again_at, phone)
  taken[#taken + 1] = { phone, text(now - due_at) }
end
return { again_at, taken }
