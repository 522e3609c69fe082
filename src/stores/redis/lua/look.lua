#!lua flags=no-writes
-- Returns the due times of due calls and other pushes, and when the next push is due, without taking any.
local limit = ARGV[2]

local function due_at(name)
  local instants = {}
  local found = redis.call('ZRANGE', queue_key(name), '-inf', text(now), 'BYSCORE', 'LIMIT', 0, limit, 'WITHSCORES')
  for i = 2, #found, 2 do instants[#instants + 1] = found[i] end
  return instants
end

return { due_at('calls'), due_at('others'), next_due() or '' }
