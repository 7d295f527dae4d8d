"""Cloud Servers (Nova v2): servers, key pairs, flavors and images."""
