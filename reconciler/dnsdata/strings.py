from reconciler.backends.dns.zonefile.strings import octets_of as octets_of, split as split
