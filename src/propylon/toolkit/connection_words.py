from types import MappingProxyType

CONNECTION_WORDS: "MappingProxyType[str, object]" = MappingProxyType({})
