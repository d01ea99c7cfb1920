"""``propfirm dev``: the whole firm in one process, and the people of its demo."""
