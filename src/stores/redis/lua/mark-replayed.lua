#!lua flags=allow-oom
-- Records which push has replaced a dead letter, which is one no longer. The other push has its content.
local id, replacement = ARGV[2], ARGV[3]
local key = push_key(id)
if not is_dead_letter(key) then return 0 end
redis.call('HSET', key, 'replayed_as', replacement, 'replayed_at', text(now))
redis.call('ZREM', DEAD, redis.call('HGET', key, 'place'))
redis.call('HDEL', key, 'outline', 'keep_tokens_ms')
blank_tokens(key)
return 1
