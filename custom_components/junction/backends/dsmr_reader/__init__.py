"""DSMR-reader, a server that stores the telegrams of a smart meter."""
