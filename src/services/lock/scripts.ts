// Runs in the process of a service with `run`: what Redis does in one step about a lock. All three scripts
// run whole or not at all, also if this process has stopped waiting for the result.

/**
 * Where a key is lost with the memory of Redis, the process that held it may still run. So a Redis that
 * started less than the time of a lock ago gives none, except back to the process that had it.
 */
const isFresh = `
local uptime = tonumber(string.match(redis.call('INFO', 'server'), 'uptime_in_seconds:(%d+)'))
local isFresh = uptime < math.ceil(tonumber(ARGV[2]) / 1000) + 1
`

/**
 * KEYS: the lock, the number. ARGV: the token, milliseconds. Returns the number, or an empty text and the
 * token of the holder, which is empty when Redis is fresh and knows no holder. The number is at least the
 * time of Redis, so that it also grows when Redis has lost the last one.
 */
export const acquireScript = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return {'', holder} end
if not holder then
  ${isFresh}
  if isFresh then return {'', ''} end
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local last = tonumber(redis.call('GET', KEYS[2]) or '0')
local number = string.format('%.0f', math.max(last + 1, now))
redis.call('SET', KEYS[2], number)
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return {number, ''}
`

/** KEYS: the lock. ARGV: the token, milliseconds. Returns whether this process still has it. */
export const renewScript = `
local holder = redis.call('GET', KEYS[1])
if holder == ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return 1
end
if holder then return 0 end
${isFresh}
if not isFresh then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`

/** KEYS: the lock. ARGV: the token. */
export const releaseScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`
