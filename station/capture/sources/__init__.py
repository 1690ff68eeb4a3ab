"""Where pictures come from: webcams, network cameras, recordings, folders."""
