#!lua flags=allow-oom
-- Deletes a failed or expired push before the end of its retention.
local id = ARGV[2]
if not is_dead_letter(push_key(id)) then return 0 end
forget_push(id)
return 1
