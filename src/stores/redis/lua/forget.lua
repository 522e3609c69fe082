#!lua flags=allow-oom
-- Deletes a batch of pushes that ended long ago, with their dedup keys, and erases a batch of tokens whose time is
-- over.
local older_than_ms, limit = tonumber(ARGV[2]), ARGV[3]
local ids = redis.call('ZRANGE', ENDED, '-inf', text(now - older_than_ms), 'BYSCORE', 'LIMIT', 0, limit)
local forgotten = 0
-- Earlier releases counted bytes here and had no other loads.
redis.call('DEL', shard .. ':bytes')

for _, id in ipairs(ids) do
  local keep_until = tonumber(redis.call('HGET', push_key(id), 'keep_until') or '0')
  if keep_until <= now then
    forget_push(id)
    forgotten = forgotten + 1
  else
    -- Postponed to the expiry of its dedup key, so that it is not visited in every round until then.
    redis.call('ZADD', ENDED, text(keep_until - older_than_ms), id)
  end
end

local due = redis.call('ZRANGE', TOKENS, '-inf', text(now), 'BYSCORE', 'LIMIT', 0, limit)
for _, id in ipairs(due) do
  blank_tokens(push_key(id))
  redis.call('ZREM', TOKENS, id)
end
return { math.max(#ids, #due), forgotten }
