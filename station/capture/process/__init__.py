"""One process per camera: the child's side and the station's side."""
