"""The demonstration agency: three clients in three countries, eighteen months of work, all of it invented."""
