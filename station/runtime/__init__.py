"""What lives while ``serve`` runs: gates, cameras, jobs, monitors and schedules."""
