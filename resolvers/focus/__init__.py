"""Line items as records of FOCUS."""
