"""Names, types and data of DNS records, each brought to one form.  Pure.

What a stack declares and what stands in a zone file are compared as these texts.  dnspython is
asked, in `rdata`, for the types that are not read here.
"""
