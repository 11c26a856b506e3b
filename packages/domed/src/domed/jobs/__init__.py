"""What a job is and how it may change. Pure: no waiting, no files, no clock."""
