-- For wrk: sixteen requests that differ in target and headers, one after another. A log cannot reuse the line before.

local requests = {}
local nr = 0

function init()
  for each = 1, 16 do
    requests[each] = wrk.format('GET', '/articles/' .. each * 7919 .. '?page=' .. each, {
      ['User-Agent'] = 'Mozilla/5.0 (X11; Linux x86_64; rv:' .. 120 + each .. '.0) Gecko/20100101 Firefox/' .. 120 + each .. '.0',
      ['Referer'] = 'https://example.org/list/' .. each,
    })
  end
end

function request()
  nr = nr % 16 + 1
  return requests[nr]
end
