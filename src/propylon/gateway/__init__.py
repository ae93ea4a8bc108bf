"""The compiler: gateway model to Envoy resources. Pure."""
