"""What a person has to be told of without asking: found, told, and told again when it is over."""
