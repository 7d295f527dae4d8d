"""The autoscale library: a pure core, the seams around it, and the shell that meets the world.

``core`` decides and plans, ``seams`` says what it needs of a cloud and of StackStorm, what the
modules beside this one (``observe``, ``apply``, ``datastore``, ``notify`` ...) and ``clouds`` do.
"""
