"""What the firm shows of itself to whoever asks: the shapes that the API and the commands answer with."""
