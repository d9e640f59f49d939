"""Every error of the way to a server, in the dialog of every backend that has one."""
