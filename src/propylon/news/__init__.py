"""What the bank tells its partners: news, blog, solutions."""
