"""A zone, a stack and a config.toml in which no rule finds anything, to be changed by the tests."""

from __future__ import annotations

ZONE = """\
$TTL 3600
@ IN SOA ns1 hostmaster 2026010101 7200 3600 1209600 3600
@ IN NS ns1
ns1 IN A 198.51.100.53
@ IN MX 10 mail
mail IN A 203.0.113.10
@ IN TXT "v=spf1 mx -all"
mail IN TXT "v=spf1 a -all"
_dmarc IN TXT "v=DMARC1; p=none; rua=mailto:postmaster@example.org"
"""

STACK = """\
version: 1
domain: example.org
hostname: mail.example.org
stalwart: {url: "http://127.0.0.1:8080", username: admin, password: {env: STALWART_PASSWORD}}
dns:
  addresses: [203.0.113.10]
accounts:
  alice: {password: {env: ALICE}, aliases: [postmaster, abuse, hostmaster]}
allowed_ips: [203.0.113.10]
"""

CONFIG = """\
[server.listener.smtp]
bind = ["[::]:25"]
protocol = "smtp"
[server.listener.submissions]
bind = ["[::]:465"]
protocol = "smtp"
tls.implicit = true
[server.listener.imaps]
bind = ["[::]:993"]
protocol = "imap"
tls.implicit = true
[server.listener.http]
bind = ["127.0.0.1:8080"]
protocol = "http"
[storage]
data = "db"
[authentication.fallback-admin]
user = "admin"
secret = "%{env:ADMIN_SECRET}%"
"""
