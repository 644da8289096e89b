"""The practice partner: a customer with feelings, played by equations and authored lines, without a model."""
