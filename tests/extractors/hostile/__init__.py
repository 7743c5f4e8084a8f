"""Documents made to hang, exhaust or crash their readers, each of a few kilobytes where that is possible."""
