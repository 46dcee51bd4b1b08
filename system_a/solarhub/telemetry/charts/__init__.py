"""Lines for a chart: of devices or of whole sites, over any window, thinned so that peaks and gaps stay to be seen."""
