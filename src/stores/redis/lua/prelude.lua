-- Precedes every script of a shard. KEYS[1] is the shard: all keys of a script begin with it and so are in one slot. It
-- never exists as a key, and each script declares another key beside it. While a Cluster moves the slot, Redis
-- therefore answers TRYAGAIN before the first line, and no script takes a key on the other node for absent. ARGV[1] is
-- the time in epoch milliseconds; empty for Redis's own clock, which all workers share.
local shard = KEYS[1]

local function read_clock()
  if ARGV[1] ~= '' then return tonumber(ARGV[1]) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local now = read_clock()

-- Lua's tostring keeps only 14 digits of a number.
local function text(number) return string.format('%.17g', number) end

local QUEUES = { 'calls', 'others' }
local function queue_key(name) return shard .. ':' .. name end
local function push_key(id) return shard .. ':push:' .. id end
local function dedup_key(key) return shard .. ':dedup:' .. key end
-- A subscriber's calls by id, and their order.
local function calls_key(callee) return shard .. ':calls:' .. callee end
local function call_times_key(callee) return shard .. ':call-times:' .. callee end
local WAITING, ENDED, DEAD = shard .. ':waiting', shard .. ':ended', shard .. ':dead'
-- Loads of pending pushes: of the queue ('queue') and each domain; of each callee; and what each push has added to
-- them.
local LOADS, CALLEE_LOADS, COUNTED = shard .. ':loads', shard .. ':callee-loads', shard .. ':counted'
-- Pushes of ended calls, by the time at which their tokens are erased.
local TOKENS = shard .. ':tokens'
-- Planned wakes, by due time.
local WAKES = shard .. ':wakes'

local function count_pending()
  return redis.call('ZCARD', queue_key('calls')) + redis.call('ZCARD', queue_key('others'))
end

-- A load has the form "pushes bytes messages message-bytes". A missing one is zero.
local function read_load(stored)
  local pushes, bytes, messages, message_bytes = string.match(stored or '0 0 0 0', '^(%d+) (%d+) (%d+) (%d+)$')
  return { tonumber(pushes), tonumber(bytes), tonumber(messages), tonumber(message_bytes) }
end

local function domain_field(callee) return 'domain:' .. string.match(callee, '[^@]*$') end

local function change_load(key, field, sign, bytes, is_message)
  local load = read_load(redis.call('HGET', key, field))
  local pushes = load[1] + sign
  if pushes <= 0 then return redis.call('HDEL', key, field) end
  if is_message then
    load[3], load[4] = math.max(load[3] + sign, 0), math.max(load[4] + sign * bytes, 0)
  end
  redis.call('HSET', key, field, string.format('%.0f %.0f %.0f %.0f', pushes, math.max(load[2] + sign * bytes, 0), load[3], load[4]))
end

local function change_loads(callee, sign, bytes, is_message)
  change_load(LOADS, 'queue', sign, bytes, is_message)
  change_load(LOADS, domain_field(callee), sign, bytes, is_message)
  change_load(CALLEE_LOADS, callee, sign, bytes, is_message)
end

local function count_push(id, callee, bytes, is_message)
  redis.call('HSET', COUNTED, id, string.format('%s %d %s', is_message and 'message' or 'call', bytes, callee))
  change_loads(callee, 1, bytes, is_message)
end

-- Subtracts a push from the loads, whatever ended it, even an operator by hand. Pushes of older releases were not
-- counted.
local function uncount_push(id)
  local kind, bytes, callee = string.match(redis.call('HGET', COUNTED, id) or '', '^(%a+) (%d+) (.*)$')
  if not kind then return end
  redis.call('HDEL', COUNTED, id)
  change_loads(callee, -1, tonumber(bytes), kind == 'message')
end

-- Returns the earliest due time of this shard's pushes, or false if the queue is empty.
local function next_due()
  local earliest = false
  for _, name in ipairs(QUEUES) do
    local score = redis.call('ZRANGE', queue_key(name), 0, 0, 'WITHSCORES')[2]
    if score and (not earliest or tonumber(score) < tonumber(earliest)) then earliest = score end
  end
  return earliest
end

-- Erases the tokens of a push, and everything else that leads to a phone.
local function blank_tokens(key)
  local stored = redis.call('HMGET', key, 'bare', 'targets')
  if not stored[1] then return end
  redis.call('HSET', key, 'request', stored[1])
  redis.call('HDEL', key, 'bare')
  if stored[2] == '[]' then return end
  local targets = cjson.decode(stored[2])
  for _, target in ipairs(targets) do target.token = '' end
  redis.call('HSET', key, 'targets', cjson.encode(targets))
end

-- Erases the texts of an ended push that cannot be sent again, and its tokens as soon as they are no longer needed.
local function blank_content(id, key)
  local stored = redis.call('HMGET', key, 'outline', 'keep_tokens_ms', 'deadline')
  if not stored[1] then return end
  redis.call('HSET', key, 'request', stored[1])
  redis.call('HDEL', key, 'outline', 'keep_tokens_ms')
  local keep_tokens_ms = tonumber(stored[2])
  if keep_tokens_ms == 0 then return blank_tokens(key) end
  redis.call('ZADD', TOKENS, text(math.max(tonumber(stored[3]), now) + keep_tokens_ms), id)
end

-- Returns true if the push failed or expired and was not replayed.
local function is_dead_letter(key)
  local stored = redis.call('HMGET', key, 'state', 'replayed_as')
  return (stored[1] == 'failed' or stored[1] == 'expired') and not stored[2]
end

-- Best effort: a user without a right to the channel must not make the script fail.
local function tell(channel, message) redis.pcall('PUBLISH', channel, message) end

-- Ends a push and removes it from the queue.
local function end_push(id, state, reason)
  local key = push_key(id)
  local stored = redis.call('HMGET', key, 'queue', 'accepted_at', 'place', 'awaited')
  if stored[4] then tell(string.match(shard, '^(.*){q%d+}$') .. 'push-ends', id) end
  redis.call('HSET', key, 'state', state, 'ended_at', text(now))
  if reason then redis.call('HSET', key, 'reason', reason) end
  redis.call('ZREM', queue_key(stored[1]), id)
  redis.call('ZREM', WAITING, id)
  redis.call('ZADD', ENDED, text(now), id)
  if state == 'failed' or state == 'expired' then
    redis.call('ZADD', DEAD, stored[2], stored[3])
  else
    blank_content(id, key)
  end
  uncount_push(id)
end

-- Deletes an ended push, and its dedup key unless a later push has it.
local function forget_push(id)
  local key = push_key(id)
  local stored = redis.call('HMGET', key, 'dedup', 'place')
  redis.call('DEL', key)
  redis.call('ZREM', ENDED, id)
  redis.call('ZREM', TOKENS, id)
  if stored[2] then redis.call('ZREM', DEAD, stored[2]) end
  if stored[1] and redis.call('GET', dedup_key(stored[1])) == id then redis.call('DEL', dedup_key(stored[1])) end
end

-- WAIT covers only writes of its own connection. A repeat that finds everything done has to write something, too.
local function mark_repeat(is_replicated)
  if is_replicated then redis.call('SET', shard .. ':repeated', text(now)) end
end

local function split(words)
  local list = {}
  for word in string.gmatch(words, '%S+') do list[#list + 1] = word end
  return list
end
