"""What the stand-in Server can do wrong: one object a fault: how it is called, where it acts, what it does."""
