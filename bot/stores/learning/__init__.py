"""Tables and stores of the learning system, one file a part."""
