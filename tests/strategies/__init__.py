"""What hypothesis draws from: values of the domain as the firm could really meet them."""
