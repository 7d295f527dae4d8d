"""What runs an action that is not a workflow: a process, a shell, nothing."""
