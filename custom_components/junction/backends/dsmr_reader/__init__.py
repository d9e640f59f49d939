"""DSMR-reader, the server that keeps the telegrams of a smart meter."""
