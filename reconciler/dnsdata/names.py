from reconciler.backends.dns.zonefile.names import *  # noqa: F403
from reconciler.backends.dns.zonefile.names import BadData as BadData, absolute as absolute, relative as relative
