"""TLS for mail protocols: engines without I/O, their asyncio transport, contexts and certificates."""
