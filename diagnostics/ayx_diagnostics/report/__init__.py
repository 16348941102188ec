"""What a diagnosis says, and how it is written down."""
