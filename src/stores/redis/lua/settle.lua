#!lua flags=allow-oom
-- Records the state of deliveries if the token still holds the push. An ended push keeps the token that ended it, so
-- that a worker without an answer may ask again.
local id, token, hand_back_at, order, is_replicated = ARGV[2], ARGV[3], ARGV[4], split(ARGV[5]), ARGV[6] == '1'
local FIRST_RESULT, RESULT_SIZE = 7, 4
local key = push_key(id)

local stored = redis.call('HMGET', key, 'token', 'state', 'states', 'queue')
if not stored[2] then return { 'gone' } end
if stored[1] ~= token then return { 'lost' } end
if stored[2] ~= 'pending' then
  mark_repeat(is_replicated)
  return { 'settled', stored[2] }
end

local states = split(stored[3])
for i = FIRST_RESULT, #ARGV, RESULT_SIZE do
  local position, state, result, reason = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  if states[position + 1] == 'pending' then
    states[position + 1] = state
    redis.call('HSET', key, 'result:' .. position, result)
    if reason == '' then
      redis.call('HDEL', key, 'reason:' .. position)
    else
      redis.call('HSET', key, 'reason:' .. position, string.sub(reason, 2))
    end
  end
end
redis.call('HSET', key, 'states', table.concat(states, ' '))

local function has(wanted)
  for _, state in ipairs(states) do
    if state == wanted then return true end
  end
  return false
end

-- Returns the end state of the push, or nil while a delivery is open.
local function read_end()
  if has('pending') then return nil end
  for _, state in ipairs(order) do
    if has(state) then return state end
  end
  return 'suppressed'
end

-- A success needs no reason. Otherwise the reason is that of the first delivery that ended like the push.
local function read_reason(ending)
  if ending == 'delivered' then return nil end
  for i, state in ipairs(states) do
    local reason = state == ending and redis.call('HGET', key, 'reason:' .. (i - 1))
    if reason then return reason end
  end
  return nil
end

local ending = read_end()
if ending then
  end_push(id, ending, read_reason(ending))
  return { 'settled', ending }
end
if hand_back_at ~= '' then
  redis.call('HDEL', key, 'token')
  redis.call('ZADD', queue_key(stored[4]), hand_back_at, id)
  redis.call('ZADD', WAITING, hand_back_at, id)
end
return { 'settled', 'pending' }
