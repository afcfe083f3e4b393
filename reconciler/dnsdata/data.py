from reconciler.backends.dns.zonefile.data import *  # noqa: F403
from reconciler.backends.dns.zonefile.data import canonical as canonical, declared as declared
