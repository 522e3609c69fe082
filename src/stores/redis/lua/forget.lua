#!lua flags=allow-oom
-- Forgets one batch of pushes that ended long ago, and their dedup keys; blanks one batch of tokens whose time is up.
local older_than_ms, limit = tonumber(ARGV[2]), ARGV[3]
local ids = redis.call('ZRANGE', ENDED, '-inf', text(now - older_than_ms), 'BYSCORE', 'LIMIT', 0, limit)
local forgotten = 0
-- Counted bytes in releases that knew no other loads.
redis.call('DEL', shard .. ':bytes')

for _, id in ipairs(ids) do
  local keep_until = tonumber(redis.call('HGET', push_key(id), 'keep_until') or '0')
  if keep_until <= now then
    forget_push(id)
    forgotten = forgotten + 1
  else
    -- Looked at again when its dedup key has run out, and not in every round until then.
    redis.call('ZADD', ENDED, text(keep_until - older_than_ms), id)
  end
end

local due = redis.call('ZRANGE', TOKENS, '-inf', text(now), 'BYSCORE', 'LIMIT', 0, limit)
for _, id in ipairs(due) do
  blank_tokens(push_key(id))
  redis.call('ZREM', TOKENS, id)
end
return { math.max(#ids, #due), forgotten }
