"""The Ray actors of the farm, each method a few lines over `cutfarm.render`."""
