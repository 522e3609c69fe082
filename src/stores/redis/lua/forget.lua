#!lua flags=allow-oom
-- Forgets one batch of pushes that ended long ago, and their dedup keys. One that may be repeated is kept, and stepped over.
local older_than_ms, offset, limit = tonumber(ARGV[2]), ARGV[3], ARGV[4]
local ids = redis.call('ZRANGE', ENDED, '-inf', text(now - older_than_ms), 'BYSCORE', 'LIMIT', offset, limit)
local forgotten = 0

for _, id in ipairs(ids) do
  local keep_until = redis.call('HGET', push_key(id), 'keep_until')
  if not keep_until or tonumber(keep_until) <= now then
    forget_push(id)
    forgotten = forgotten + 1
  end
end
return { #ids, forgotten }
