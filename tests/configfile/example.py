"""A file with everything that can be configured."""

EXAMPLE = """
[log]
level = "info"

[log.packages]
"delivery.queue" = "debug"

[transports.relay]
kind = "submission"
host = "smtp.relay.example"
port = 587
username = "me"
password = "secret"
mechanisms = ["CRAM-MD5", "PLAIN"]

[transports.refuse]
kind = "fail"
smtp_code = 550
smtp_message = "mail to this domain is not allowed"

[transports.plain]

[[routes]]
to_domains = [".example.net"]
minimum_attempts = 3
transport = "relay"

[[routes]]
transport = "plain"

[domains."example.org"]
localpart_separators = ["+"]

[[domains."example.org".routes]]
transport = "refuse"

[domains."example.org".aliases.team]
addresses = ["alice@example.org", "bob@example.org"]
allow_from = true

[domains."b.example"]
localpart_case_sensitive = true
disabled = true
dmarc_reject = false

[accounts.alice]
full_name = "Alice"
max_outgoing_messages_per_day = -1
quota_mb = 10
cram_md5 = true
login_disabled = ""
dmarc_reject = false

[accounts.alice.destinations."alice@example.org"]
mailbox = "Inbox"

[accounts.alice.destinations."@example.org"]

[accounts.alice.destinations."spamtrap@example.org"]
smtp_error = "550 no such user"

[[accounts.alice.routes]]
to_domains = ["example.net"]
transport = "relay"

[accounts.bob.destinations."bob@example.org"]
[accounts.bob.destinations."Bob@b.example"]
mailbox = "Lists/B"

[web.redirects]
"old.example" = "www.example.org"
"bücher.example" = "www.example.org"

[[web.handlers]]
name = "site"
domain = "www.example.org"
path = "^/app/"
dont_redirect_plain_http = true
compress = true

[web.handlers.forward]
url = "http://127.0.0.1:8123/base"
strip_path = true
response_headers = { X-Frame-Options = "DENY" }

[[web.handlers]]
domain = "*.example.org"
path = "^/"
allow_networks = ["192.0.2.0/24", "2001:db8::/32"]
rate_per_minute = 60
basic_auth = { alice = "hunter22" }
static = { root = "/srv/www", strip_prefix = "/app", list_files = false, continue_not_found = true }

[[web.handlers]]
domain = "www.example.org"
path = "^/old/"
disabled = true
redirect = { base_url = "https://n.example", path_regexp = "^/old/(.*)$", replace_path = "/$1" }

[[web.handlers]]
domain = "mail.example"
path = "^/account/"
internal = { service = "account", base_path = "/account/" }
"""
