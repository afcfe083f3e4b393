var NONE = NewRegistrar("none");
D("example.org", NONE);
// example.org: the DKIM records follow when the server has made the keys; `mailstack plan` shows them.
D_EXTEND("example.org",
  MX("@", 10, "mail.example.org.", TTL(3600)),
  MX("@", 20, "backup.example.net.", TTL(3600)),
  A("mail", "203.0.113.10", TTL(3600)),
  AAAA("mail", "2001:db8::10", TTL(3600)),
  TXT("mail", "v=spf1 a -all", TTL(3600)),
  TXT("@", "v=spf1 mx ip4:203.0.113.0/24 include:_spf.example.net -all", TTL(3600)),
  TXT("_dmarc", "v=DMARC1; p=quarantine; rua=mailto:postmaster@example.org,mailto:dmarc@example.net", TTL(3600)),
  TXT("_smtp._tls", "v=TLSRPTv1; rua=mailto:postmaster@example.org", TTL(3600)),
  SRV("_submissions._tcp", 0, 1, 465, "mail.example.org.", TTL(3600)),
  SRV("_imaps._tcp", 0, 1, 993, "mail.example.org.", TTL(3600)),
  SRV("_pop3._tcp", 0, 0, 0, ".", TTL(3600)),
  SRV("_jmap._tcp", 0, 1, 443, "mail.example.org.", TTL(3600)),
  CNAME("autoconfig", "mail.example.org.", TTL(3600)),
  CNAME("autodiscover", "mail.example.org.", TTL(3600)),
  TXT("_mta-sts", "v=STSv1; id=9fd5c41d4031b9ef36ebb54a5671d94f;", TTL(3600)),
  CNAME("mta-sts", "mail.example.org.", TTL(3600)),
  CAA("@", "issue", "letsencrypt.org", TTL(3600)),
  CAA("@", "issue", ";", TTL(3600)),
  TLSA("_25._tcp.mail", 3, 1, 1, "0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d", TTL(3600)),
  A("www", "203.0.113.20", TTL(3600)),
  TXT("long", "x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x; x;", TTL(3600)),
  TXT("odd", "a \"b\" ${c} %{d} ; e", TTL(3600)),
  TXT("slash", "a\\b", TTL(3600))
);
// to be written by hand: host.example.org. SSHFP 1 1 123456789abcdef67890123456789abcdef67890
