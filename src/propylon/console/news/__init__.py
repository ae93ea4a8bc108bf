"""What the bank tells its partners: written, scheduled, published, taken back."""
