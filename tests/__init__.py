"""The tests of propfirm."""
