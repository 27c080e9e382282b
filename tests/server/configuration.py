"""Configurations for tests, and the API key that no message may contain."""

KEY = "sk-live-4f7a9d0e2b1c"
EXAMPLE = """
[server]
host = "127.0.0.1"
port = 8000
deadline = 10                               # seconds for one request, provider calls included

[[accounts]]
id = "cdn"                                  # [a-z0-9-]{1,32}, unique; part of every id
provider = "fastly"
name = "CDN production"                     # optional
api_key = { env = "FASTLY_API_KEY" }        # or { file = "/run/secrets/fastly" }; a literal is rejected
base_url = "https://api.fastly.com"         # optional; https, or http on loopback

[[accounts]]
id = "palette"
provider = "spectrocloud"
tenant_uid = "5f3c"
invoice_uids = ["65bb"]                     # and/or invoice_uids_file, one per line, read again when it changes
api_key = { env = "PALETTE_API_KEY" }

[[accounts]]
id = "savings"
provider = "archera"
org_id = "0d9f3c52-4b6e-4f7a-9d0e-2b1c3a4d5e6f"
currency = "USD"                            # optional, for any account; see the mapping
api_key = { env = "ARCHERA_API_KEY" }
"""
CDN = '[[accounts]]\nid = "cdn"\nprovider = "fastly"\n'
CDN_WITH_KEY = CDN + 'api_key = { env = "FASTLY_API_KEY" }\n'
