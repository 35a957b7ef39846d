"""The commands of `yihu`."""
