"""Runs StackStorm packs in one process, without StackStorm.

The workflow engine (orquesta), the pack's files and the REST API's shapes are the real ones;
the rest is what a laptop and a test need. It behaves as StackStorm does, awkward parts included,
so that a pack that works here works there.
"""
