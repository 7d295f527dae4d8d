VALUE = "from the pack"
