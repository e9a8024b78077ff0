"""The command line: the outermost door. It opens the others, so it stands above them."""
