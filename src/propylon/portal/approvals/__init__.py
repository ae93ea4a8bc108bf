"""The bank's customer answers what applications ask elsewhere (CIBA): seen, approved, denied."""
