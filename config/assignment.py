# Best association: error-weighted, one-to-one in every exposure, independent of the order of the input.
config.associator.name = "assignment"
