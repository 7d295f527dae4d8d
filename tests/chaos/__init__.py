"""Random schedules of wishes, faults and deaths against the simulated region.

Everything takes place in one process and in one order that the seed decides: actors take turns at
every call and at every reading and writing of a key (``stage``), the region's own application is
called directly (``wire``), and time is the region's. So a seed reproduces its schedule exactly.
"""
