-- As tokens.lua, but slower: each connection waits before its next call, by chance and for as long as the third argument says in the
-- mean (milliseconds). With many connections the calls come as those of many callers do, whether the last answer was quick or not.
dofile((debug.getinfo(1, "S").source:match("@(.*/)") or "") .. "tokens.lua")

local start = init
local mean = 0

function init(args)
  start(args)
  mean = tonumber(args[3])
  math.randomseed(offset + 1)
end

function delay()
  return math.floor(-math.log(1 - math.random()) * mean + 0.5)
end
