"""The laptop's tour: the whole pipeline on this machine, with nothing but real parts."""
